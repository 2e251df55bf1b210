import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { follow } from "../wire/child.ts";

/** A server of ours, as a user would start it. */
export interface Server {
  readonly url: string;
  /** How much memory it has now: bytes. */
  readonly memory: () => number;
  /** The most that it has had: bytes. */
  readonly peakMemory: () => number;
  /** From now on, that is the most since now. */
  readonly forgetPeak: () => void;
  /** CPU time that it has used: seconds. */
  readonly cpuSeconds: () => number;
  readonly client: MarqueeClient;
  /** Ends it, and waits for that. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly directory: string;
  /** The core that it may use; default: all of them. */
  readonly core?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

const program = new URL("../../src/bin.js", import.meta.url).pathname;
/** How long it may take to start: milliseconds. */
const startMs = 600_000;

/** Starts a server on a free port, and waits until it is ready. Its log goes into a file. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { directory, core, settings = {}, nodeOptions = [] } = options;
  const logFile = join(directory, "server.log");
  const log = openSync(logFile, "w");
  const node = [process.execPath, ...nodeOptions, program, "serve"];
  const command = core === undefined ? node : ["taskset", "-c", String(core), ...node];
  const child = follow(
    spawn(command[0] ?? "", command.slice(1), {
      stdio: ["ignore", log, log],
      env: {
        ...process.env,
        MARQUEE_PORT: "0",
        MARQUEE_DATA_DIR: join(directory, "data"),
        MARQUEE_TRAIN_INTERVAL_MS: "0",
        ...settings,
      },
    }),
  );
  const ended = once(child, "exit");
  const url = await ready(logFile, () => child.exitCode !== null);
  const pid = child.pid ?? 0;
  const client = createMarqueeClient({ url, timeoutMs: 0 });
  const status = (line: RegExp): number =>
    Number(line.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) * 1_024;
  return {
    url,
    client,
    memory: () => status(/VmRSS:\s+(\d+)/),
    peakMemory: () => status(/VmHWM:\s+(\d+)/),
    forgetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, "5"),
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      // User and system time, in ticks of which Linux has 100 a second.
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    async stop() {
      client.close();
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function ready(logFile: string, hasEnded: () => boolean): Promise<string> {
  const deadline = performance.now() + startMs;
  while (performance.now() < deadline) {
    const log = readFileSync(logFile, "utf8");
    if (hasEnded()) throw new Error(`the server did not start:\n${log}`);
    const url = /"url":"([^"]+)"/.exec(log)?.[1];
    if (url !== undefined && log.includes('"msg":"ready"')) return url;
    await sleep(50);
  }
  throw new Error("the server took too long to start");
}
