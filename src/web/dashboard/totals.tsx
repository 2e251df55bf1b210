import { change, exactCount, quantity, type Change } from "./logic/format.ts";
import { metricNames, metrics, type MetricName } from "./logic/metrics.ts";
import type { ViewMetrics } from "../../../gen/analytics/v1/query_pb.js";
import type { Answer } from "./use-answer.ts";
import { Failure } from "./panel.tsx";

/** The figures of a range, and of the period before it if there is one. */
export interface Totals {
  readonly now: ViewMetrics;
  readonly before: ViewMetrics | undefined;
}

/** The figures, of which one is chosen for the chart. */
export function TotalsPanel({
  answer,
  metric,
  onMetric,
}: {
  answer: Answer<Totals>;
  metric: MetricName;
  onMetric: (metric: MetricName) => void;
}) {
  const { data, failure, isPending, retry } = answer;
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
          isChosen={name === metric}
          onChoose={() => onMetric(name)}
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
        <ChangeText changed={changed} before={quantity(kind, then)} />
      )}
    </button>
  );
}

function ChangeText({ changed, before }: { changed: Change; before: string }) {
  const { direction, text, words } = changed;
  return (
    <span class={`change ${direction}`}>
      <span aria-hidden="true">
        {arrows[direction]} {text}
      </span>
      <span class="visually-hidden">
        {words}, when it was {before}
      </span>
    </span>
  );
}
