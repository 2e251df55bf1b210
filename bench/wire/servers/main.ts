/**
 * The process of one server: `node main.ts NAME`. It speaks with its parent
 * over IPC (see messages.ts), and ends with it or on SIGTERM.
 */
import { readFile, writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import type { ServerQuestion, ServerReady, ServerUsage } from "./messages.ts";
import type { ServerName, StartServer } from "./server.ts";

const load: Readonly<Record<ServerName, () => Promise<StartServer>>> = {
  bare: async () => (await import("./bare.ts")).startBare,
  ours: async () => (await import("./ours.ts")).startOurs,
  "grpc-js": async () => (await import("./grpc-js.ts")).startGrpcJs,
  "connect-fastify": async () => (await import("./connect-fastify.ts")).startConnectFastify,
};
/** Of the profile, in microseconds: at Node's default of 1,000 the smaller functions drown. */
const SAMPLING_INTERVAL = 250;

// Before the server: one that handles it too would end later.
process.once("SIGTERM", () => process.exit(0));
process.once("disconnect", () => process.exit(0));

const start = await load[process.argv[2] as ServerName]();
const server = await start();
const session = new Session();

async function answer(question: ServerQuestion): Promise<ServerUsage | true> {
  switch (question.kind) {
    case "usage": {
      const { user, system } = process.cpuUsage();
      return {
        cpuMicros: user + system,
        waitedMicros: await waitedMicros(),
        intercepted: server.intercepted?.() ?? null,
      };
    }
    case "start profile":
      session.connect();
      await session.post("Profiler.enable");
      await session.post("Profiler.setSamplingInterval", { interval: SAMPLING_INTERVAL });
      await session.post("Profiler.start");
      return true;
    case "write profile": {
      const { profile } = await session.post("Profiler.stop");
      await writeFile(question.file, JSON.stringify(profile));
      return true;
    }
  }
}

/** 0 where the kernel does not count it. */
async function waitedMicros(): Promise<number> {
  const [, nanos = "0"] = (await readFile("/proc/self/schedstat", "utf8")).split(" ");
  return Number(nanos) / 1_000;
}

function tell(message: ServerReady | ServerUsage | true): void {
  process.send?.(message);
}

process.on("message", (question) => {
  // A question that cannot be answered ends the process, and so the run.
  void answer(question as ServerQuestion).then(tell);
});
tell({ http2: server.http2, ...(server.http1 === undefined ? {} : { http1: server.http1 }) });
