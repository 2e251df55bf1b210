import { durationMs } from "@bufbuild/protobuf/wkt";
import { Metric, type ViewMetrics } from "../../../../gen/analytics/v1/query_pb.js";

/** What a number is, which decides how it is written. */
export type Quantity = "count" | "duration" | "share";

interface MetricOf {
  readonly label: string;
  readonly metric: Metric;
  readonly quantity: Quantity;
  /** Counts; milliseconds; shares from 0 to 1. Undefined where there is none. */
  read(metrics: ViewMetrics): number | undefined;
}

/** What the page tells of views, by the names in the URL. */
export const metrics = {
  views: {
    label: "Views",
    metric: Metric.VIEWS,
    quantity: "count",
    read: ({ views }) => count(views),
  },
  viewers: {
    label: "Unique viewers",
    metric: Metric.UNIQUE_VIEWERS,
    quantity: "count",
    read: ({ uniqueViewers }) => count(uniqueViewers),
  },
  watch: {
    label: "Watch time",
    metric: Metric.WATCH_DURATION,
    quantity: "duration",
    read: ({ watchDuration }) => watchDuration && durationMs(watchDuration),
  },
  progress: {
    label: "Average progress",
    metric: Metric.AVERAGE_PROGRESS,
    quantity: "share",
    read: ({ averageProgress }) => averageProgress,
  },
  completion: {
    label: "Completion",
    metric: Metric.COMPLETION_RATE,
    quantity: "share",
    read: ({ completionRate }) => completionRate,
  },
} as const satisfies Readonly<Record<string, MetricOf>>;

export type MetricName = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as readonly MetricName[];

/** Exact up to 9,007 billion: more than there will ever be. */
function count(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
