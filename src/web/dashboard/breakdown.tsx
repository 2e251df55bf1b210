import { useState } from "preact/hooks";
import type { QueryViewsRow } from "../../../gen/analytics/v1/query_pb.js";
import { Bars, type Bar } from "./bars.tsx";
import { marquee } from "./client.ts";
import { withFilter, withoutFilter, type Filter } from "./logic/filters.ts";
import { breakdownQuestion } from "./logic/questions.ts";
import { MoreDialog } from "./more.tsx";
import { CsvButton, Panel } from "./panel.tsx";
import { useAnswer } from "./use-answer.ts";
import type { Look } from "./look.ts";

/** As many values as a panel shows. */
export const SHOWN = 8;

/** What views are counted by in a panel. */
export type By = "video" | "country" | "device" | "referrer";

interface BreakdownProps {
  readonly title: string;
  readonly by: By;
  readonly look: Look;
  /** How many views there are in all. */
  readonly total: number | undefined;
  /** What a value is called. */
  readonly labelOf: (value: string) => string;
  /** Told of the values that are shown. */
  readonly onValues?: (values: readonly string[]) => void;
}

/** The views of each value of a dimension, most first; a click filters by it. */
export function Breakdown({ title, by, look, total, labelOf, onValues }: BreakdownProps) {
  const [isMore, setMore] = useState(false);
  const { state, span, tick } = look;
  const key = JSON.stringify([by, span, state.filters]);
  const answer = useAnswer(key, tick, async (signal) => {
    const bars = await topValues(look, by, signal);
    onValues?.(bars.map(({ value }) => value));
    return bars;
  });
  const pick = picker(look, by);
  const table = () => ({
    name: `views-by-${by}`,
    columns: [by, ...(by === "video" ? ["title"] : []), "views"],
    rows: (answer.data ?? []).map(({ value, views }) => [
      value,
      ...(by === "video" ? [labelOf(value)] : []),
      views,
    ]),
  });
  return (
    <Panel
      title={title}
      answer={answer}
      actions={
        <>
          {(answer.data?.length ?? 0) >= SHOWN && (
            <button
              type="button"
              class="small"
              aria-label={`More: ${title}`}
              onClick={() => setMore(true)}
            >
              More
            </button>
          )}
          <CsvButton of={title} table={table} />
        </>
      }
    >
      {(values) => (
        <>
          <Bars
            bars={values.map((bar) => ({ ...bar, label: labelOf(bar.value) }))}
            total={total}
            chosen={chosenOf(state.filters, by)}
            onPick={pick}
            none="No views in this range."
          />
          {isMore && (
            <MoreDialog
              title={title}
              by={by}
              look={look}
              onPick={pick}
              onEnd={() => setMore(false)}
            />
          )}
        </>
      )}
    </Panel>
  );
}

/** The values with most views; of videos without a filter by the question made for it. */
async function topValues(
  { span, state }: Look,
  by: By,
  signal: AbortSignal,
): Promise<readonly Omit<Bar, "label">[]> {
  const question = breakdownQuestion(span, state.filters, { dimension: by }, { size: SHOWN });
  const { interval } = question;
  if (by === "video" && state.filters.length === 0) {
    const { videos } = await marquee.analytics.listTopVideos(
      { pageSize: SHOWN, ...(interval === undefined ? {} : { interval }) },
      { signal },
    );
    return videos.map(({ videoName, views }) => ({ value: videoName, views: Number(views) }));
  }
  const { rows } = await marquee.analytics.queryViews(question, { signal });
  return rows.filter(hasViews).map(({ values: [value = ""], metrics }) => ({
    value,
    views: Number(metrics?.views ?? 0n),
  }));
}

/** Views of bots alone, and longer watches of views from before, make rows without views. */
function hasViews({ metrics }: QueryViewsRow): boolean {
  return (metrics?.views ?? 0n) > 0n;
}

/** The values of a dimension that are filtered by. */
export function chosenOf(filters: readonly Filter[], by: By): ReadonlySet<string> {
  return new Set(
    filters.filter(({ dimension, not }) => dimension === by && !not).map(({ value }) => value),
  );
}

/** What filters by a value, or no longer does. */
export function picker({ state, go }: Look, by: By): (value: string) => void {
  return (value) => {
    const filter: Filter = { dimension: by, property: "", value, not: false };
    const isChosen = chosenOf(state.filters, by).has(value);
    go({
      filters: isChosen ? withoutFilter(state.filters, filter) : withFilter(state.filters, filter),
    });
  };
}
