import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { QueryViewsResponse, ViewMetrics } from "../../gen/analytics/v1/query_pb.js";
import { count, span } from "./format.ts";
import type { MetricName } from "./query-terms.ts";
import { table, terminalWidth, type Column } from "./table.ts";

/** What was asked for, as far as it shows in the table. */
export interface Asked {
  readonly metrics: readonly MetricName[];
  /** What the user calls the dimensions. */
  readonly dimensions: readonly string[];
  /** Whether there are buckets, and whether they are hours. */
  readonly buckets: "none" | "hours" | "days";
  readonly timeZone: string;
  readonly compare: boolean;
}

/** An answer as a table: a line for each row. */
export function queryTable(response: QueryViewsResponse, asked: Asked): string {
  if (response.rows.length === 0) return "Nothing was viewed.";
  const columns: Column[] = [];
  if (asked.buckets !== "none") columns.push({ title: "TIME" });
  for (const name of asked.dimensions) columns.push({ title: name.toUpperCase(), cut: true });
  for (const metric of asked.metrics) {
    columns.push({ title: metric.toUpperCase(), align: "right" });
    if (asked.compare) columns.push({ title: "BEFORE", align: "right" });
  }
  const clock = clockOf(asked);
  const rows = response.rows.map(({ startTime, values, metrics, previous }) => [
    ...(asked.buckets === "none" || startTime === undefined ? [] : [clock(timestampMs(startTime))]),
    ...values.map((value) => value || NONE),
    ...asked.metrics.flatMap((metric) => [
      figure(metrics, metric),
      ...(asked.compare ? [figure(previous, metric)] : []),
    ]),
  ]);
  const shown = table(columns, rows, terminalWidth());
  return response.nextPageToken === "" ? shown : `${shown}\nThere is more: --max shows it.`;
}

/** What stands where there is nothing. */
const NONE = "-";

/** Two hours of the same name differ in their offset. */
function clockOf({ buckets, timeZone }: Asked): (ms: number) => string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    ...(buckets === "hours" && { hour: "2-digit", minute: "2-digit", timeZoneName: "longOffset" }),
  });
  return (ms) => format.format(ms);
}

function figure(metrics: ViewMetrics | undefined, metric: MetricName): string {
  switch (metric) {
    case "views":
      return whole(metrics?.views);
    case "viewers":
      return whole(metrics?.uniqueViewers);
    case "watched":
      return metrics?.watchDuration === undefined ? NONE : span(durationMs(metrics.watchDuration));
    case "average-watched":
      return metrics?.averageWatchDuration === undefined
        ? NONE
        : span(durationMs(metrics.averageWatchDuration));
    case "progress":
      return percent(metrics?.averageProgress);
    case "completion":
      return percent(metrics?.completionRate);
    case "bots":
      return whole(metrics?.botViews);
  }
}

function whole(value: bigint | undefined): string {
  return value === undefined ? NONE : count(value);
}

/** A share as a percentage: "62.5 %"; a dash for none. */
export function percent(share: number | undefined): string {
  return share === undefined ? NONE : `${(share * 100).toFixed(1)} %`;
}
