// The wire, in a process of its own: limits as JSON in its argument.
import { createContextKey } from "@connectrpc/connect";
import { pino } from "pino";
import { defaultLimits, type ConnectionLimits } from "../../../src/wire/limits.ts";
import { createWireServer } from "../../../src/wire/server.ts";
import { addNotes } from "./notes.ts";

const limits = JSON.parse(process.argv[2] ?? "{}") as Partial<ConnectionLimits>;
const logger = pino({ level: "info" });
const wire = await createWireServer(
  {
    routes: addNotes,
    authenticate: () => {},
    describeError: () => undefined,
    violations: () => [],
    requestIdKey: createContextKey(""),
    isReady: () => true,
    logger,
    maxMessageBytes: 65_536,
    deadlineMs: 30_000,
    allowUnknownFields: false,
  },
  { ...defaultLimits, ...limits },
);
const [url = ""] = await wire.listen("127.0.0.1", [0]);
logger.info({ port: Number(new URL(url).port) }, "listening");
