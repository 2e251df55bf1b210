import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { QueryViewsRow } from "../../../../gen/analytics/v1/query_pb.js";
import type { Unit } from "./buckets.ts";
import { metrics, type MetricName } from "./metrics.ts";
import type { Span } from "./range.ts";

/** A figure over time. */
export interface Series {
  readonly metric: MetricName;
  readonly unit: Unit;
  readonly zone: string;
  /** The range that was asked for; undefined for all time. */
  readonly span: Span | undefined;
  /** When the buckets begin, in order: milliseconds. */
  readonly starts: readonly number[];
  /** The figure of each; undefined where there is none, as in a bucket to come. */
  readonly values: readonly (number | undefined)[];
  /** The same of the period before; empty where there is none. */
  readonly previous: readonly (number | undefined)[];
}

/** Makes a series of the rows of an answer. */
export function seriesOf(
  rows: readonly QueryViewsRow[],
  about: Pick<Series, "metric" | "unit" | "zone" | "span">,
  now: number,
): Series {
  const { read } = metrics[about.metric];
  const starts = rows.map(({ startTime }) => (startTime ? timestampMs(startTime) : 0));
  return {
    ...about,
    starts,
    // A bucket to come has no views, which does not mean that nobody will view.
    values: rows.map((row, index) =>
      row.metrics && (starts[index] ?? 0) <= now ? read(row.metrics) : undefined,
    ),
    previous: about.span === undefined ? [] : rows.map((row) => row.previous && read(row.previous)),
  };
}

/** The unit for all views there are, by the months that they are in. */
export function unitForMonths(months: number): Unit {
  if (months <= 4) return "day";
  return months <= 24 ? "week" : "month";
}
