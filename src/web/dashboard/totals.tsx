import { useEffect } from "preact/hooks";
import { change, exactCount, quantity, type Change } from "./logic/format.ts";
import { metricNames, metrics, type MetricName } from "./logic/metrics.ts";
import type { ViewMetrics } from "../../../gen/analytics/v1/query_pb.js";
import { marquee } from "./client.ts";
import { totalsQuestion } from "./logic/questions.ts";
import { before } from "./logic/range.ts";
import type { Look } from "./look.ts";
import { Failure } from "./panel.tsx";
import { useAnswer, type Answer } from "./use-answer.ts";

/** The figures of a range, and of the period before it if there is one. */
interface Totals {
  readonly now: ViewMetrics;
  readonly before: ViewMetrics | undefined;
}

/** The figures, of which one is chosen for the chart. */
export function TotalsPanel({
  look,
  onViews,
}: {
  look: Look;
  /** Told how many views there are; undefined while that is not known. */
  onViews: (views: number | undefined) => void;
}) {
  const { data, failure, isPending, retry } = useTotals(look);
  const views = isPending || failure !== "" ? undefined : data?.now.views;
  useEffect(() => onViews(views === undefined ? undefined : Number(views)), [views, onViews]);
  if (failure !== "") {
    return (
      <section class="card totals" aria-label="Totals">
        <Failure text={failure} retry={retry} />
      </section>
    );
  }
  return (
    <section
      class={isPending && data !== undefined ? "card totals old" : "card totals"}
      aria-label="Totals; the one that is pressed is in the chart"
      aria-busy={isPending ? "true" : undefined}
    >
      {metricNames.map((name) => (
        <Total
          key={name}
          name={name}
          data={data}
          isChosen={name === look.state.metric}
          onChoose={() => look.go({ metric: name })}
        />
      ))}
    </section>
  );
}

const arrows = { up: "↑", down: "↓", same: "→" } as const;

function Total({
  name,
  data,
  isChosen,
  onChoose,
}: {
  name: MetricName;
  data: Totals | undefined;
  isChosen: boolean;
  onChoose: () => void;
}) {
  const { label, quantity: kind, read } = metrics[name];
  const now = data && read(data.now);
  const then = data?.before && read(data.before);
  const changed = change(now, then);
  const exact = kind === "count" && now !== undefined ? exactCount(now) : undefined;
  return (
    <button type="button" class="total" aria-pressed={isChosen} onClick={onChoose} title={exact}>
      <span class="muted">{label}</span>
      <strong data-total={name}>{data === undefined ? "…" : quantity(kind, now)}</strong>
      {changed === undefined ? (
        <span class="change muted">{data?.before === undefined ? "" : "–"}</span>
      ) : (
        <ChangeText changed={changed} then={quantity(kind, then)} />
      )}
    </button>
  );
}

function ChangeText({ changed, then }: { changed: Change; then: string }) {
  const { direction, text, words } = changed;
  return (
    <span class={`change ${direction}`}>
      <span aria-hidden="true">
        {arrows[direction]} {text}
      </span>
      <span class="visually-hidden">
        {words}, when it was {then}
      </span>
    </span>
  );
}

function useTotals({ state, span, tick }: Look): Answer<Totals> {
  const { filters, zone } = state;
  return useAnswer(JSON.stringify(["totals", span, filters, zone]), tick, async (signal) => {
    const ask = async (of: typeof span) => {
      const { rows } = await marquee.analytics.queryViews(totalsQuestion(of, filters), { signal });
      const figures = rows[0]?.metrics;
      if (figures === undefined) throw new Error("the server answered without figures");
      return figures;
    };
    // Not by compare_previous: a day at noon is to be compared with half a day.
    const [now, then] = await Promise.all([
      ask(span),
      span === undefined ? undefined : ask(before(span, zone, Date.now())),
    ]);
    return { now, before: then };
  });
}
