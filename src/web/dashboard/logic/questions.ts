import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Metric, type QueryViewsRequestSchema } from "../../../../gen/analytics/v1/query_pb.js";
import type { IntervalSchema } from "../../../../gen/analytics/v1/view_pb.js";
import { granularities, type Unit } from "./buckets.ts";
import { dimensionOf, filterMessages, type DimensionName, type Filter } from "./filters.ts";
import { metrics, metricNames, type MetricName } from "./metrics.ts";
import type { Span } from "./range.ts";

type Question = MessageInitShape<typeof QueryViewsRequestSchema>;

/** A span as the server has it; all time for none. */
export function intervalOf(
  span: Span | undefined,
): { interval: MessageInitShape<typeof IntervalSchema> } | Record<never, never> {
  if (span === undefined) return {};
  return {
    interval: { startTime: timestampFromMs(span.start), endTime: timestampFromMs(span.end) },
  };
}

/** All figures of the views of a span together. */
export function totalsQuestion(span: Span | undefined, filters: readonly Filter[]): Question {
  return {
    metrics: metricNames.map((name) => metrics[name].metric),
    filters: filterMessages(filters),
    ...intervalOf(span),
  };
}

/** One figure over time, with the period before if the span has one. */
export function seriesQuestion(
  span: Span | undefined,
  filters: readonly Filter[],
  { metric, unit, zone }: { metric: MetricName; unit: Unit; zone: string },
): Question {
  return {
    metrics: [metrics[metric].metric],
    filters: filterMessages(filters),
    granularity: granularities[unit],
    timeZone: zone,
    pageSize: 10_000,
    comparePrevious: span !== undefined,
    ...intervalOf(span),
  };
}

/**
 * The views of each value of a dimension, most first.
 *
 * @param isWhole whether to count viewers and watch time as well.
 */
export function breakdownQuestion(
  span: Span | undefined,
  filters: readonly Filter[],
  of: { dimension: DimensionName; property?: string },
  page: { size: number; token?: string; isWhole?: boolean },
): Question {
  const more = page.isWhole === true ? [Metric.UNIQUE_VIEWERS, Metric.WATCH_DURATION] : [];
  return {
    metrics: [Metric.VIEWS, ...more],
    dimensions: [dimensionOf(of.dimension, of.property)],
    filters: filterMessages(filters),
    pageSize: page.size,
    pageToken: page.token ?? "",
    ...intervalOf(span),
  };
}
