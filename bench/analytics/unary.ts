import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { create, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { LogViewRequestSchema } from "../../gen/analytics/v1/ingestion_pb.js";
import { GreetingRequestSchema } from "../../gen/tutorial/greeter_pb.js";
import { follow } from "../wire/child.ts";
import { envelope } from "../wire/envelope.ts";
import { median } from "../wire/statistics.ts";
import { print, table } from "./print.ts";
import { startServer, type Server } from "./server.ts";

/** Connections and, on each, calls at once. */
const connections = 4;
const streams = 64;
/** Calls of each kind before anything is measured. */
const warmUp = 80_000;
/** How long a window is, about: seconds. */
const windowSeconds = 1.5;
/** Delays of each commit that stand for slower disks: milliseconds. */
const delays = [0, 1, 5, 10];

/** A view as a page might send it, for whom the server makes an id. */
const view = toBinary(
  LogViewRequestSchema,
  create(LogViewRequestSchema, {
    videoName: "video-4815162",
    viewerId: "viewer-2342",
    watchDuration: durationFromMs(93_000),
    country: "NL",
    device: "phone",
    referrer: "https://a.example/b",
  }),
);
const prefix = 2;
const greeting = toBinary(
  GreetingRequestSchema,
  create(GreetingRequestSchema, { name: "a".repeat(view.length - prefix) }),
);

const calls = {
  greet: { path: "/Greeter/Greet", message: greeting },
  logView: { path: "/analytics.v1.AnalyticsService/LogView", message: view },
};
type CallName = keyof typeof calls;

/**
 * Durable LogView against Greeter of the same server and with a message of the
 * same length: server on one core, load on the other, in turns.
 */
export async function benchUnary(directory: string, windows: number): Promise<void> {
  if (view.length !== greeting.length) throw new Error("the messages differ in length");
  print(
    `LogView against Greet, both with ${view.length} bytes, ${connections} connections of ${streams} streams`,
  );
  print(`one fdatasync of 4 KiB takes ${fdatasyncMs(directory).toFixed(3)} ms here (median)`);
  const rows: (string | number)[][] = [];
  for (const delay of delays) {
    const run = join(directory, `unary-${delay}`);
    await mkdir(run);
    const settings: Record<string, string> =
      delay === 0 ? {} : { MARQUEE_FAILPOINT: `log.commit-delay=${delay}ms` };
    const server = await startServer({ directory: run, core: 0, settings });
    try {
      const { greet, logView, ratio } = await compare(server, run, windows);
      rows.push([`${delay} ms`, Math.round(greet), Math.round(logView), ratio.toFixed(2)]);
    } finally {
      await server.stop();
      await rm(run, { recursive: true });
    }
  }
  table(["commit delayed by", "Greet/s", "LogView/s", "ratio"], rows);
  print("");
}

async function compare(
  server: Server,
  directory: string,
  windows: number,
): Promise<{ greet: number; logView: number; ratio: number }> {
  const rate = async (name: CallName, count: number): Promise<number> =>
    count / (await load(server.url, directory, name, count));
  const pace = {
    greet: await rate("greet", warmUp),
    logView: await rate("logView", warmUp),
  };
  const rates: Record<CallName, number[]> = { greet: [], logView: [] };
  for (let window = 0; window < windows; window++) {
    const order: CallName[] = window % 2 === 0 ? ["greet", "logView"] : ["logView", "greet"];
    for (const name of order) {
      const found = await rate(name, Math.ceil(pace[name] * windowSeconds));
      // The first window of each is still a warm-up.
      if (window > 0) rates[name].push(found);
    }
  }
  const ratios = rates.logView.map((found, index) => found / (rates.greet[index] ?? Number.NaN));
  return { greet: median(rates.greet), logView: median(rates.logView), ratio: median(ratios) };
}

/** Runs so many calls; returns how many seconds they took. */
async function load(
  url: string,
  directory: string,
  name: CallName,
  count: number,
): Promise<number> {
  const { path, message } = calls[name];
  const body = join(directory, "body");
  await writeFile(body, envelope(message));
  const child = follow(
    spawn(
      "taskset",
      [
        "-c",
        "1",
        "h2load",
        `--requests=${count}`,
        `--clients=${connections}`,
        `--max-concurrent-streams=${streams}`,
        `--data=${body}`,
        "--header=content-type: application/grpc",
        "--header=te: trailers",
        url + path,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    ),
  );
  const [summary] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const succeeded = Number(/, (\d+) succeeded, 0 failed, 0 errored, 0 timeout/.exec(summary)?.[1]);
  const bytes = Number(/\((\d+)\) data$/m.exec(summary)?.[1]);
  // An error would have no message, and so no data.
  if (succeeded !== count || bytes < count * 6) throw new Error(`calls failed:\n${summary}`);
  const [, amount, unit] = /finished in ([\d.]+)(us|ms|s)/.exec(summary) ?? [];
  return Number(amount) * (unit === "s" ? 1 : unit === "ms" ? 1e-3 : 1e-6);
}

function fdatasyncMs(directory: string): number {
  const file = openSync(join(directory, "sync"), "w");
  const page = Buffer.alloc(4_096);
  const times = Array.from({ length: 101 }, () => {
    writeSync(file, page);
    const started = performance.now();
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  return median(times);
}
