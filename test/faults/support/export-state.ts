import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { MarqueeClient } from "../../../src/client/index.ts";
import type { LoggedView, LogState } from "./log-state.ts";

/** What ExportViews says is in the log. */
export async function exportLog(client: MarqueeClient): Promise<LogState> {
  const views = new Map<string, LoggedView>();
  const faults: string[] = [];
  let head = 0;
  let before = 0;
  for await (const answer of client.analytics.exportViews({})) {
    for (const view of answer.views) {
      const position = Number(view.position);
      if (position <= before) faults.push(`position ${position} after ${before}`);
      before = position;
      if (views.has(view.viewId)) faults.push(`${view.viewId} is exported twice`);
      views.set(view.viewId, {
        video: view.videoName,
        viewer: view.viewerId,
        time: view.startTime === undefined ? 0 : timestampMs(view.startTime),
        position,
        watchMs: view.watchDuration === undefined ? 0 : durationMs(view.watchDuration),
        progress: Math.round((view.progress ?? -0.001) * 1_000),
      });
    }
    head = Number(answer.position);
  }
  return { head, views, faults };
}
