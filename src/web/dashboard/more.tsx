import { useEffect, useRef, useState } from "preact/hooks";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { QueryViewsRow } from "../../../gen/analytics/v1/query_pb.js";
import type { By } from "./breakdown.tsx";
import { marquee } from "./client.ts";
import { failureText } from "./logic/failure.ts";
import { dimensions } from "./logic/filters.ts";
import { count, duration } from "./logic/format.ts";
import { breakdownQuestion } from "./logic/questions.ts";
import { valueName, type Look } from "./look.ts";
import { CsvButton, Failure, type Table } from "./panel.tsx";
import { useLatest } from "../use-latest.ts";
import { useTitles } from "./use-titles.ts";

const PAGE = 50;

interface MoreProps {
  readonly title: string;
  readonly by: By;
  readonly look: Look;
  readonly onPick: (value: string) => void;
  readonly onEnd: () => void;
}

interface Pages {
  readonly rows: readonly QueryViewsRow[];
  /** What brings the next page; empty after the last one. */
  readonly token: string;
  readonly failure: string;
  readonly isPending: boolean;
}

/** All values of a dimension, page by page, with more figures of each. */
export function MoreDialog({ title, by, look, onPick, onEnd }: MoreProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [end] = useState(() => new AbortController());
  const [pages, setPages] = useState<Pages>({ rows: [], token: "", failure: "", isPending: true });
  const { rows, token, failure, isPending } = pages;
  const titleOf = useTitles(by === "video" ? rows.map(({ values }) => values[0] ?? "") : []);
  const nameOf = (value: string): string =>
    by === "video" ? titleOf(value) : valueName(by, value);

  const load = (pageToken: string): void => {
    setPages((old) => ({ ...old, failure: "", isPending: true }));
    const { span, state } = look;
    const page = { size: PAGE, token: pageToken, isWhole: true };
    marquee.analytics
      .queryViews(breakdownQuestion(span, state.filters, { dimension: by }, page), {
        signal: end.signal,
      })
      .then(
        (answer) =>
          setPages((old) => ({
            rows: [...old.rows, ...answer.rows],
            token: answer.nextPageToken,
            failure: "",
            isPending: false,
          })),
        (error: unknown) => {
          if (end.signal.aborted) return;
          setPages((old) => ({ ...old, failure: failureText(error), isPending: false }));
        },
      );
  };
  const latestLoad = useLatest(load);
  useEffect(() => {
    dialog.current?.showModal();
    latestLoad.current("");
    return () => end.abort();
  }, [end, latestLoad]);

  const table = (): Table => ({
    name: `all-by-${by}`,
    columns: [
      by,
      ...(by === "video" ? ["title"] : []),
      ...["views", "unique_viewers", "watch_seconds"],
    ],
    rows: rows.map((row) => {
      const { value, views, viewers, watchMs } = figures(row);
      return [value, ...(by === "video" ? [nameOf(value)] : []), views, viewers, watchMs / 1_000];
    }),
  });
  return (
    <dialog ref={dialog} class="more card" aria-label={title} onClose={onEnd}>
      <header>
        <h2>{title}</h2>
        <div class="actions">
          <CsvButton of={`${title}, what is listed`} table={table} />
          <button type="button" class="small" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </header>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{dimensions[by].name}</th>
              <th scope="col">Views</th>
              <th scope="col">Viewers</th>
              <th scope="col">Watch time</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(figures).map(({ value, views, viewers, watchMs }) => (
              <tr key={value}>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    onClick={() => {
                      onPick(value);
                      dialog.current?.close();
                    }}
                  >
                    {nameOf(value)}
                  </button>
                </th>
                <td>{count(views)}</td>
                <td>{count(viewers)}</td>
                <td>{duration(watchMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {failure !== "" && <Failure text={failure} retry={() => load(token)} />}
        {isPending && <p class="muted empty">Loading…</p>}
        {token !== "" && !isPending && failure === "" && (
          <button type="button" class="button" onClick={() => load(token)}>
            Show {PAGE} more
          </button>
        )}
      </div>
    </dialog>
  );
}

function figures({ values: [value = ""], metrics }: QueryViewsRow): {
  value: string;
  views: number;
  viewers: number;
  watchMs: number;
} {
  return {
    value,
    views: Number(metrics?.views ?? 0n),
    viewers: Number(metrics?.uniqueViewers ?? 0n),
    watchMs: metrics?.watchDuration ? durationMs(metrics.watchDuration) : 0,
  };
}
