import type { Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import type { Ledger } from "./ledger.ts";
import { inMs } from "./messages.ts";

/**
 * Learns from the server what only it knows: the ids and times that it gave to
 * views that had none. Says what is wrong with them.
 */
export async function settle(
  analytics: Client<typeof AnalyticsService>,
  ledger: Ledger,
): Promise<string[]> {
  const mistakes: string[] = [];
  let place = 0;
  for await (const { views } of analytics.exportViews({})) {
    for (const { viewId, startTime } of views) {
      const known = ledger.views[place++];
      if (known === undefined) return ["ExportViews has views that were never logged"];
      known.id ??= viewId;
      if (known.id !== viewId) {
        return [`ExportViews has ${viewId} as view ${place} of the log, which is ${known.id}`];
      }
      const time = startTime ? inMs(startTime) : 0;
      if (!Number.isNaN(known.time)) continue;
      const [from, to] = known.arrived;
      if (time < from || time > to) {
        mistakes.push(`view ${viewId} came from ${from} to ${to}, and got the time ${time}`);
      }
      known.time = time;
    }
  }
  if (place < ledger.views.length) {
    mistakes.push(`ExportViews has ${place} views of ${ledger.views.length}`);
  }
  return mistakes;
}
