// The wire, in a process of its own: its options and limits as JSON in its argument.
import { createContextKey } from "@connectrpc/connect";
import { pino } from "pino";
import { createHealth } from "../../../src/wire/health/health.ts";
import { defaultLimits, type ConnectionLimits } from "../../../src/wire/limits.ts";
import { createWireServer, type WireOptions } from "../../../src/wire/server.ts";
import { addMessageNotes } from "./message-notes.ts";

interface Argument {
  readonly options?: Partial<WireOptions>;
  readonly limits?: Partial<ConnectionLimits>;
}

const { options, limits } = JSON.parse(process.argv[2] ?? "{}") as Argument;
const logger = pino({ level: "info" });
const health = createHealth();
health.setServing(true);
const wire = await createWireServer(
  {
    routes: (router) => {
      addMessageNotes(router);
      health.addTo(router);
    },
    authenticate: () => {},
    describeError: () => undefined,
    violations: () => [],
    requestIdKey: createContextKey(""),
    isReady: () => true,
    logger,
    maxMessageBytes: 4 * 1_048_576,
    deadlineMs: 30_000,
    allowUnknownFields: false,
    ...options,
  },
  { ...defaultLimits, ...limits },
);
const [url = ""] = await wire.listen("127.0.0.1", [0]);
logger.info({ port: Number(new URL(url).port) }, "listening");
