import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import type { ExportedViewSchema } from "../../gen/analytics/v1/export_pb.js";
import { callerOf } from "../caller.ts";
import type { StoredView } from "../log/log.ts";
import type { Erasure } from "./erasure.ts";
import type { Exporter } from "./export.ts";
import { spanOf } from "./span.ts";

/** The handlers of the methods that take views away: as a copy, or for good. */
export function exportHandlers(
  exporter: Exporter,
  erasure: Erasure,
): Pick<ServiceImpl<typeof AnalyticsService>, "exportViews" | "eraseViewer"> {
  return {
    async *exportViews({ interval, viewerId }, context) {
      const query = { span: spanOf(interval), viewer: viewerId };
      for await (const page of exporter.views(callerOf(context), query)) {
        yield {
          views: page.views.map(viewMessage),
          position: BigInt(page.position),
          endPosition: BigInt(page.endPosition),
        };
      }
    },

    async eraseViewer({ viewerId }, context) {
      const erased = await erasure.erase(callerOf(context), viewerId);
      return {
        viewsErased: BigInt(erased.views),
        feedbackErased: BigInt(erased.feedback),
        position: BigInt(erased.position),
      };
    },
  };
}

function viewMessage(view: StoredView): MessageInitShape<typeof ExportedViewSchema> {
  return {
    videoName: view.video,
    viewId: view.viewId,
    viewerId: view.viewer,
    startTime: timestampFromMs(view.time),
    watchDuration: durationFromMs(view.watchMs),
    country: view.country,
    device: view.device,
    referrer: view.referrer,
    ...(view.progress >= 0 && { progress: view.progress / 1_000 }),
    ...(view.properties !== "" && { properties: propertiesOf(view) }),
    bot: view.bot,
    position: BigInt(view.position),
  };
}

function propertiesOf({ properties }: StoredView): Record<string, string> {
  return JSON.parse(properties) as Record<string, string>;
}
