import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import { callerOf } from "../caller.ts";
import { wholeMs } from "../time.ts";
import { averageProgress, completionRate } from "./query/metrics.ts";
import { questionOf } from "./query/request.ts";
import { responseOf } from "./query/response.ts";
import type { Questions } from "./questions.ts";
import { spanOf } from "./span.ts";
import { watchedFor } from "./watched.ts";

const DEFAULT_PAGE_SIZE = 10;
const DEFAULT_QUERY_PAGE_SIZE = 100;
const DAY_MS = 86_400_000;

/** The handlers of the methods that answer questions. */
export function questionHandlers(
  questions: Questions,
): Pick<
  ServiceImpl<typeof AnalyticsService>,
  "getViewStats" | "listTopVideos" | "listTrendingVideos" | "queryViews" | "getAudienceRetention"
> {
  return {
    async getViewStats(request, context) {
      const stats = await questions.viewStats(callerOf(context), {
        video: request.videoName,
        span: spanOf(request.interval),
        minPosition: Number(request.minPosition),
      });
      const average = averageProgress(stats.progressSum, stats.progressViews);
      const completed = completionRate(stats.completed, stats.progressViews);
      return {
        views: BigInt(stats.views),
        uniqueViewers: BigInt(stats.uniqueViewers),
        watchDuration: watchedFor(stats.watchMs),
        position: BigInt(stats.position),
        botViews: BigInt(stats.botViews),
        ...(average !== undefined && { averageProgress: average }),
        ...(completed !== undefined && { completionRate: completed }),
      };
    },

    async listTopVideos(request, context) {
      const top = await questions.topVideos(callerOf(context), {
        span: spanOf(request.interval),
        pageSize: request.pageSize || DEFAULT_PAGE_SIZE,
        pageToken: request.pageToken,
        minPosition: Number(request.minPosition),
      });
      return {
        videos: top.videos.map((video) => ({
          videoName: video.name,
          views: BigInt(video.views),
          uniqueViewers: BigInt(video.uniqueViewers),
          watchDuration: watchedFor(video.watchMs),
        })),
        nextPageToken: top.nextPageToken,
        position: BigInt(top.position),
      };
    },

    async listTrendingVideos(request, context) {
      const trending = await questions.trendingVideos(callerOf(context), {
        windowMs: request.window ? wholeMs(request.window) : DAY_MS,
        maxResults: request.maxResults || DEFAULT_PAGE_SIZE,
        minPosition: Number(request.minPosition),
      });
      return {
        videos: trending.videos.map((video) => ({
          videoName: video.name,
          views: BigInt(video.views),
          previousViews: BigInt(video.previousViews),
          score: video.score,
        })),
        position: BigInt(trending.position),
      };
    },

    async queryViews(request, context) {
      const answer = await questions.queryViews(callerOf(context), questionOf(request), {
        pageSize: request.pageSize || DEFAULT_QUERY_PAGE_SIZE,
        pageToken: request.pageToken,
        minPosition: Number(request.minPosition),
      });
      return responseOf(answer);
    },

    async getAudienceRetention(request, context) {
      const { views, reached, position } = await questions.audienceRetention(callerOf(context), {
        video: request.videoName,
        span: spanOf(request.interval),
        minPosition: Number(request.minPosition),
      });
      return {
        views: BigInt(views),
        points: reached.map((count, hundredth) => ({
          progress: hundredth / 100,
          views: BigInt(count),
          share: count / views,
        })),
        position: BigInt(position),
      };
    },
  };
}
