import { readFile } from "node:fs/promises";
import type { Interceptor } from "@connectrpc/connect";
import { pino } from "pino";
import { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { analyticsRules } from "../../../src/analytics/rules.ts";
import { authenticate } from "../../../src/authentication.ts";
import { requestIdKey } from "../../../src/caller.ts";
import { callLines } from "../../../src/cli/call-lines.ts";
import { logOutput } from "../../../src/cli/log-output.ts";
import { readConfig } from "../../../src/config.ts";
import { DomainError } from "../../../src/errors.ts";
import * as check from "../../../src/rules.ts";
import { tutorialRules } from "../../../src/tutorial/rules.ts";
import { createHealth } from "../../../src/wire/health/health.ts";
import { createReflection } from "../../../src/wire/reflection/reflection.ts";
import { createWireServer, type WireOptions } from "../../../src/wire/server.ts";
import { ItemSchema } from "../contract.ts";
import { routes } from "./routes.ts";
import type { StartServer } from "./server.ts";

/**
 * The wire with everything on, as src/app.ts configures it: a line in the log
 * for each call, limits, deadlines, overload, authentication, validation, errors; and one
 * interceptor of the application, as metrics would have it.
 */
export const startOurs: StartServer = async () => {
  const config = readConfig({});
  const rules = new check.RuleBook([
    analyticsRules,
    tutorialRules,
    [check.rules(ItemSchema, { text: check.text({ max: 1_000 }) })],
  ]);
  const health = createHealth();
  const reflection = createReflection({
    descriptors: await readFile(new URL("../../../gen/descriptors.binpb", import.meta.url)),
  });
  const meter = createMeter();
  const output = logOutput(1);
  const options: WireOptions & { readonly interceptors: readonly Interceptor[] } = {
    routes: (router) => {
      routes(router);
      health.addTo(router);
      reflection.addTo(router);
    },
    authenticate,
    describeError: (error) => (error instanceof DomainError ? error : undefined),
    violations: (schema, request) => rules.violations(schema, request),
    requestIdKey,
    isReady: () => true,
    beacons: [AnalyticsService.method.logView],
    origins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    logger: pino({ level: config.logLevel }, output),
    logCall: callLines(output),
    maxMessageBytes: config.maxMessageBytes,
    deadlineMs: config.deadlineMs,
    maxLagMs: config.maxLagMs,
    allowUnknownFields: config.allowUnknownFields,
    interceptors: [meter.interceptor],
  };
  const server = await createWireServer(options);
  const [url = ""] = await server.listen("127.0.0.1", [0]);
  health.setServing(true);
  return { http1: url, http2: url, intercepted: meter.calls };
};

/** Counts calls and adds up their times, by method. */
function createMeter(): { readonly interceptor: Interceptor; readonly calls: () => number } {
  const methods = new Map<string, { calls: number; ms: number }>();
  return {
    interceptor: (next) => async (request) => {
      const start = performance.now();
      try {
        return await next(request);
      } finally {
        const { name } = request.method;
        let method = methods.get(name);
        if (method === undefined) methods.set(name, (method = { calls: 0, ms: 0 }));
        method.calls++;
        method.ms += performance.now() - start;
      }
    },
    calls: () => {
      let calls = 0;
      for (const method of methods.values()) calls += method.calls;
      return calls;
    },
  };
}
