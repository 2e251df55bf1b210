import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { LogViewRequestSchema } from "../../../gen/analytics/v1/ingestion_pb.js";
import {
  DimensionKind,
  Granularity,
  Metric,
  type FilterSchema,
  type OrderSchema,
  type QueryViewsRequestSchema,
  type QueryViewsRow,
  type ViewMetrics,
} from "../../../gen/analytics/v1/query_pb.js";
import type { IntervalSchema } from "../../../gen/analytics/v1/view_pb.js";
import type { SentView } from "./ledger.ts";
import type {
  Dimension,
  Filter,
  Interval,
  MetricName,
  Metrics,
  OrderKey,
  Row,
  ViewsQuestion,
} from "./question.ts";

/** Plain data as messages of the contract, and back. */

const metrics: Readonly<Record<MetricName, Metric>> = {
  views: Metric.VIEWS,
  uniqueViewers: Metric.UNIQUE_VIEWERS,
  watchMs: Metric.WATCH_DURATION,
  averageWatchMs: Metric.AVERAGE_WATCH_DURATION,
  averageProgress: Metric.AVERAGE_PROGRESS,
  completionRate: Metric.COMPLETION_RATE,
  botViews: Metric.BOT_VIEWS,
};

const kinds = {
  video: DimensionKind.VIDEO,
  country: DimensionKind.COUNTRY,
  device: DimensionKind.DEVICE,
  referrer: DimensionKind.REFERRER,
  referrerHost: DimensionKind.REFERRER_HOST,
  property: DimensionKind.PROPERTY,
} as const;

const granularities = {
  hour: Granularity.HOUR,
  day: Granularity.DAY,
  week: Granularity.WEEK,
  month: Granularity.MONTH,
} as const;

/** Seconds and nanoseconds of a moment or a duration, with some nanoseconds more. */
function split(ms: number, more = 0): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(ms / 1_000);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * 1_000) * 1_000_000 + more };
}

/** In milliseconds, with a fraction where there is one. */
export function inMs({ seconds, nanos }: Timestamp | Duration): number {
  return Number(seconds) * 1_000 + nanos / 1_000_000;
}

export function viewMessage(view: SentView): MessageInitShape<typeof LogViewRequestSchema> {
  return {
    videoName: view.video,
    viewId: view.id ?? "",
    viewerId: view.viewer,
    ...(view.time !== undefined && { startTime: split(view.time, view.nanos) }),
    ...((view.watchMs > 0 || view.nanos > 0) && {
      watchDuration: split(view.watchMs, view.nanos),
    }),
    country: view.country,
    device: view.device,
    referrer: view.referrer,
    ...(view.progress !== undefined && { progress: view.progress }),
    properties: Object.fromEntries(view.properties),
    userAgent: view.userAgent,
  };
}

/** `nanos` are added to both ends, to be cut off. */
export function intervalMessage(
  { from, to }: Interval,
  nanos = 0,
): MessageInitShape<typeof IntervalSchema> {
  return {
    ...(from !== undefined && { startTime: split(from, nanos) }),
    ...(to !== undefined && { endTime: split(to, nanos) }),
  };
}

function dimensionMessage(dimension: Dimension): { kind: DimensionKind; property: string } {
  return {
    kind: kinds[dimension.kind],
    property: dimension.kind === "property" ? dimension.property : "",
  };
}

function filterMessage(filter: Filter): MessageInitShape<typeof FilterSchema> {
  if ("allOf" in filter) {
    return { condition: { case: "allOf", value: { filters: filter.allOf.map(filterMessage) } } };
  }
  if ("anyOf" in filter) {
    return { condition: { case: "anyOf", value: { filters: filter.anyOf.map(filterMessage) } } };
  }
  if ("not" in filter) return { condition: { case: "not", value: filterMessage(filter.not) } };
  const dimension = dimensionMessage(filter.of);
  return "in" in filter
    ? { condition: { case: "in", value: { dimension, values: [...filter.in] } } }
    : { condition: { case: "prefix", value: { dimension, prefix: filter.prefix } } };
}

function orderMessage(key: OrderKey): MessageInitShape<typeof OrderSchema> {
  const { descending } = key;
  if ("time" in key) return { key: { case: "time", value: true }, descending };
  if ("dimension" in key) {
    return { key: { case: "dimension", value: key.dimension }, descending };
  }
  return { key: { case: "metric", value: metrics[key.metric] }, descending };
}

export function questionMessage(
  question: ViewsQuestion,
  minPosition: bigint,
  pageToken: string,
): MessageInitShape<typeof QueryViewsRequestSchema> {
  const { from, to } = question.interval;
  return {
    metrics: question.metrics.map((metric) => metrics[metric]),
    dimensions: question.dimensions.map(dimensionMessage),
    filters: question.filters.map(filterMessage),
    ...((from !== undefined || to !== undefined) && {
      interval: intervalMessage(question.interval),
    }),
    granularity:
      question.granularity === undefined
        ? Granularity.UNSPECIFIED
        : granularities[question.granularity],
    timeZone: question.zone,
    orderBy: question.orderBy.map(orderMessage),
    pageSize: question.pageSize,
    pageToken,
    minPosition,
    comparePrevious: question.comparePrevious,
  };
}

/** A row as plain data; figures that were not asked for, but are there, too. */
export function plainRow(row: QueryViewsRow): Row {
  return {
    start: row.startTime && inMs(row.startTime),
    values: row.values,
    metrics: row.metrics ? plainMetrics(row.metrics) : {},
    previous: row.previous && plainMetrics(row.previous),
  };
}

function plainMetrics(message: ViewMetrics): Metrics {
  return {
    views: whole(message.views),
    uniqueViewers: whole(message.uniqueViewers),
    watchMs: message.watchDuration && inMs(message.watchDuration),
    averageWatchMs: message.averageWatchDuration && inMs(message.averageWatchDuration),
    averageProgress: message.averageProgress,
    completionRate: message.completionRate,
    botViews: whole(message.botViews),
  };
}

function whole(count: bigint | undefined): number | undefined {
  return count === undefined ? undefined : Number(count);
}
