import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import { callerOf } from "../caller.ts";
import type { Live } from "./live.ts";
import { watchedFor } from "./watched.ts";

/** The handlers of the methods that tell counts as they change. */
export function liveHandlers(live: Live): Pick<ServiceImpl<typeof AnalyticsService>, "watchViews"> {
  return {
    async *watchViews({ videoNames }, context) {
      for await (const message of live.watch(callerOf(context), videoNames)) {
        yield {
          snapshot: message.snapshot,
          counts: message.counts.map((counts) => ({
            videoName: counts.name,
            views: BigInt(counts.views),
            uniqueViewers: BigInt(counts.uniqueViewers),
            watchDuration: watchedFor(counts.watchMs),
            currentViewers: BigInt(counts.currentViewers),
          })),
          position: BigInt(message.position),
        };
      }
    },
  };
}
