import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import type {
  QueryViewsResponseSchema,
  ViewMetricsSchema,
} from "../../../gen/analytics/v1/query_pb.js";
import { watchedFor } from "../watched.ts";
import { YEAR_1_MS } from "./periods.ts";
import type { Metrics, ViewsAnswer } from "./views-question.ts";

/** An answer in the contract's form. */
export function responseOf(answer: ViewsAnswer): MessageInitShape<typeof QueryViewsResponseSchema> {
  const { previous } = answer;
  return {
    rows: answer.rows.map((row) => ({
      ...(row.start !== undefined && { startTime: timestampOf(row.start) }),
      values: [...row.values],
      metrics: metricsMessage(row.metrics),
      ...(row.previous !== undefined && { previous: metricsMessage(row.previous) }),
    })),
    nextPageToken: answer.nextPageToken,
    position: BigInt(answer.position),
    ...(previous !== undefined && {
      previousInterval: {
        startTime: timestampOf(previous.from),
        endTime: timestampOf(previous.to),
      },
    }),
  };
}

/** A week or a day may begin before the first moment that a timestamp can have. */
function timestampOf(ms: number): Timestamp {
  return timestampFromMs(Math.max(ms, YEAR_1_MS));
}

function metricsMessage(metrics: Metrics): MessageInitShape<typeof ViewMetricsSchema> {
  const { views, uniqueViewers, botViews, watchDuration, averageWatchDuration } = metrics;
  const { averageProgress, completionRate } = metrics;
  return {
    ...(views !== undefined && { views: BigInt(views) }),
    ...(uniqueViewers !== undefined && { uniqueViewers: BigInt(uniqueViewers) }),
    ...(watchDuration !== undefined && { watchDuration: watchedFor(watchDuration) }),
    ...(averageWatchDuration !== undefined && {
      averageWatchDuration: durationFromNanos(averageWatchDuration),
    }),
    ...(averageProgress !== undefined && { averageProgress }),
    ...(completionRate !== undefined && { completionRate }),
    ...(botViews !== undefined && { botViews: BigInt(botViews) }),
  };
}

function durationFromNanos(value: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(value / 1e9)), nanos: value % 1e9 };
}
