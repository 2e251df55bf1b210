import { durationMs } from "@bufbuild/protobuf/wkt";
import type { MarqueeClient } from "../../../src/client/index.ts";
import { Metric, DimensionKind } from "../../../gen/analytics/v1/query_pb.js";
import type { LoggedView, LogState } from "./log-state.ts";

/** What there is to say of the views of a video. */
export interface Totals {
  readonly views: number;
  readonly uniqueViewers: number;
  readonly watchMs: number;
  /** In millionths, which rounding leaves alone. */
  readonly averageProgress: number;
  readonly completionRate: number;
}

/** What a log has of each video. */
export function totalsOf(state: LogState): Map<string, Totals> {
  const byVideo = Map.groupBy(state.views.values(), ({ video }) => video);
  return new Map([...byVideo].map(([video, views]) => [video, totals(views)]));
}

function totals(views: readonly LoggedView[]): Totals {
  const sum = (value: (view: LoggedView) => number): number =>
    views.reduce((total, view) => total + value(view), 0);
  return {
    views: views.length,
    uniqueViewers: new Set(views.map(({ viewer }) => viewer).filter((viewer) => viewer !== ""))
      .size,
    watchMs: sum(({ watchMs }) => watchMs),
    averageProgress: millionths(sum(({ progress }) => progress / 1_000) / views.length),
    completionRate: millionths(sum(({ progress }) => (progress >= 950 ? 1 : 0)) / views.length),
  };
}

function millionths(share: number | undefined): number {
  // What lies in the middle between two is made one of them, whichever way it was divided.
  return Math.round((share ?? -1) * 1_000_000 - 0.001);
}

/** What GetViewStats answers for some videos, of the log up to a position. */
export async function askedTotals(
  client: MarqueeClient,
  videos: Iterable<string>,
  minPosition: number,
): Promise<Map<string, Totals>> {
  const asked = Array.from(videos, async (videoName): Promise<[string, Totals]> => {
    const answer = await client.analytics.getViewStats({
      videoName,
      minPosition: BigInt(minPosition),
    });
    return [
      videoName,
      {
        views: Number(answer.views),
        uniqueViewers: Number(answer.uniqueViewers),
        watchMs: answer.watchDuration === undefined ? 0 : durationMs(answer.watchDuration),
        averageProgress: millionths(answer.averageProgress),
        completionRate: millionths(answer.completionRate),
      },
    ];
  });
  return new Map(await Promise.all(asked));
}

/** What QueryViews answers, for each video that has views. */
export async function queriedTotals(
  client: MarqueeClient,
  minPosition: number,
): Promise<Map<string, Totals>> {
  const { rows } = await client.analytics.queryViews({
    metrics: [
      Metric.VIEWS,
      Metric.UNIQUE_VIEWERS,
      Metric.WATCH_DURATION,
      Metric.AVERAGE_PROGRESS,
      Metric.COMPLETION_RATE,
    ],
    dimensions: [{ kind: DimensionKind.VIDEO }],
    pageSize: 1_000,
    minPosition: BigInt(minPosition),
  });
  return new Map(
    rows.map(({ values, metrics }) => [
      values[0] ?? "",
      {
        views: Number(metrics?.views),
        uniqueViewers: Number(metrics?.uniqueViewers),
        watchMs: metrics?.watchDuration === undefined ? 0 : durationMs(metrics.watchDuration),
        averageProgress: millionths(metrics?.averageProgress),
        completionRate: millionths(metrics?.completionRate),
      },
    ]),
  );
}
