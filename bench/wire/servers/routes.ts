import type { ConnectRouter } from "@connectrpc/connect";
import { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { Greeter } from "../../../gen/tutorial/greeter_pb.js";
import { greeter } from "../../../src/tutorial/greeter.ts";
import { Streams } from "../contract.ts";
import { logViewResponse } from "../samples.ts";

/** The handlers of the servers that route with Connect. LogView stores nothing. */
export function routes(router: ConnectRouter): void {
  router.service(Greeter, greeter);
  router.service(AnalyticsService, {
    logView: ({ viewId }) => ({ success: true, viewId, position: logViewResponse.position }),
  });
  router.service(Streams, {
    async *list({ text, number }) {
      for (let n = 1; n <= number; n++) yield { text, number: n };
    },
    async *chat(items) {
      for await (const { text, number } of items) yield { text, number };
    },
  });
}
