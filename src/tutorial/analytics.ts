import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/tutorial/analytics_pb.js";
import type { MarqueeClient } from "../client/client.ts";
import { passOn } from "../client/pass-on.ts";

/** The handlers of the tutorial's AnalyticsService, handed over to the real one. */
export function tutorialAnalytics(
  marquee: Pick<MarqueeClient, "analytics">,
): ServiceImpl<typeof AnalyticsService> {
  return {
    async logView({ videoName }, context) {
      await marquee.analytics.logView({ videoName }, passOn(context));
      return { success: true };
    },
  };
}
