import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import type { Interval } from "../../gen/analytics/v1/view_pb.js";
import { callerOf } from "../caller.ts";
import { invalidField } from "../errors.ts";
import { wholeMs } from "../time.ts";
import type { Analytics } from "./analytics.ts";
import type { Span } from "./columns/columns.ts";

const DEFAULT_PAGE_SIZE = 10;
/** The bound of LogViewRequest.device, in characters. */
const MAX_DEVICE = 64;

/** Headers in which a proxy tells what a view does not; "" for none. */
export interface ViewHeaders {
  readonly country: string;
  readonly device: string;
}

/** The handlers of analytics.v1.AnalyticsService. */
export function analyticsService(
  analytics: Analytics,
  headers: ViewHeaders,
): ServiceImpl<typeof AnalyticsService> {
  return {
    async logView(request, context) {
      const logged = await analytics.logView(callerOf(context), {
        viewId: request.viewId,
        video: request.videoName,
        viewer: request.viewerId,
        time: request.startTime && wholeMs(request.startTime),
        watchMs: request.watchDuration ? wholeMs(request.watchDuration) : 0,
        country: request.country.toUpperCase() || countryIn(context.requestHeader, headers.country),
        device: request.device || deviceIn(context.requestHeader, headers.device),
        referrer: request.referrer,
      });
      return { success: true, ...logged, position: BigInt(logged.position) };
    },

    async getViewStats(request, context) {
      const stats = await analytics.viewStats(callerOf(context), {
        video: request.videoName,
        span: spanOf(request.interval),
        minPosition: Number(request.minPosition),
      });
      return {
        views: BigInt(stats.views),
        uniqueViewers: BigInt(stats.uniqueViewers),
        watchDuration: durationFromMs(stats.watchMs),
        position: BigInt(stats.position),
      };
    },

    async listTopVideos(request, context) {
      const top = await analytics.topVideos(callerOf(context), {
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
          watchDuration: durationFromMs(video.watchMs),
        })),
        nextPageToken: top.nextPageToken,
        position: BigInt(top.position),
      };
    },
  };
}

/** What proxies say of addresses that they cannot place: XX, or T1 for Tor. */
function countryIn(header: Headers, name: string): string {
  const country = name === "" ? "" : (header.get(name) ?? "").toUpperCase();
  return /^[A-Z]{2}$/.test(country) && country !== "XX" ? country : "";
}

function deviceIn(header: Headers, name: string): string {
  return name === "" ? "" : [...(header.get(name) ?? "")].slice(0, MAX_DEVICE).join("");
}

function spanOf(interval: Interval | undefined): Span {
  const from = interval?.startTime && wholeMs(interval.startTime);
  const to = interval?.endTime && wholeMs(interval.endTime);
  if (from !== undefined && to !== undefined && to < from) {
    throw invalidField("interval.end_time", "Must not be before interval.start_time.");
  }
  return { from, to };
}
