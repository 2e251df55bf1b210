// The server of connections.ts: the wire with gRPC's health service. Prints its port.
import { createContextKey } from "@connectrpc/connect";
import { pino } from "pino";
import { createHealth } from "../src/wire/health/health.ts";
import { defaultLimits } from "../src/wire/limits.ts";
import { createWireServer } from "../src/wire/server.ts";

const health = createHealth();
const wire = await createWireServer(
  {
    routes: (router) => health.addTo(router),
    authenticate: () => {},
    describeError: () => undefined,
    violations: () => [],
    requestIdKey: createContextKey(""),
    isReady: () => true,
    logger: pino({ level: "warn" }, pino.destination(2)),
    maxMessageBytes: 65_536,
    deadlineMs: 30_000,
    allowUnknownFields: false,
  },
  { ...defaultLimits, maxConnections: Number(process.argv[2]) },
);
health.setServing(true);
const [url = ""] = await wire.listen("127.0.0.1", [0]);
process.stdout.write(`${new URL(url).port}\n`);
