import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { follow } from "../child.ts";
import { latencyOf } from "../statistics.ts";
import type { Load, LoadPlace, LoadResult } from "./load.ts";

/** Connections and, on each of them, streams at once. */
export const concurrency = {
  http1: { connections: 64, streams: 1 },
  http2: { connections: 4, streams: 64 },
} as const;
/** How long one run may take: milliseconds. */
const RUN_MS = 180_000;

/** A request that is sent again and again. */
export interface RepeatedRequest {
  readonly http: "http1" | "http2";
  /** With the query, if it has one. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** It is a GET without one, a POST otherwise. */
  readonly body: Uint8Array | undefined;
}

/** @param answerBytes the length of the body of each answer. */
export async function createH2load(
  base: string,
  request: RepeatedRequest,
  answerBytes: number,
  place: LoadPlace,
): Promise<Load> {
  const bodyFile = join(place.directory, "body");
  const logFile = join(place.directory, "h2load.tsv");
  const { connections, streams } = concurrency[request.http];
  const fixed = [
    `--clients=${connections}`,
    `--max-concurrent-streams=${streams}`,
    `--log-file=${logFile}`,
    ...(request.http === "http1" ? ["--h1"] : []),
    ...(request.body === undefined ? [] : [`--data=${bodyFile}`]),
    ...Object.entries(request.headers).map(([name, value]) => `--header=${name}: ${value}`),
    base + request.path,
  ];
  return {
    async run(calls) {
      if (request.body !== undefined) await writeFile(bodyFile, request.body);
      await writeFile(logFile, "");
      const summary = await h2load(place.core, [`--requests=${calls}`, ...fixed]);
      expectAll(summary, calls, answerBytes);
      return readLog(await readFile(logFile, "latin1"), calls);
    },
    stop: () => Promise.resolve(),
  };
}

async function h2load(core: number, args: readonly string[]): Promise<string> {
  const child = follow(
    spawn("taskset", ["-c", String(core), "h2load", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: RUN_MS,
    }),
  );
  const [summary, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`h2load ended with exit code ${String(code)}:\n${summary}`);
  return summary;
}

/** Fails unless all calls were answered with status 200 and as many bytes as there should be. */
function expectAll(summary: string, calls: number, answerBytes: number): void {
  const succeeded = Number(/, (\d+) succeeded, 0 failed, 0 errored, 0 timeout/.exec(summary)?.[1]);
  const good = Number(/status codes: (\d+) 2xx, 0 3xx, 0 4xx, 0 5xx/.exec(summary)?.[1]);
  const bytes = Number(/\((\d+)\) data$/m.exec(summary)?.[1]);
  if (succeeded !== calls || good !== calls || bytes !== calls * answerBytes) {
    throw new Error(
      `not all ${calls} calls were answered with ${answerBytes} bytes each:\n${summary}`,
    );
  }
}

/** Lines of "start, in microseconds since 1970 \t status \t microseconds that it took". */
function readLog(log: string, calls: number): LoadResult {
  const micros = new Float64Array(calls);
  let first = Infinity;
  let last = 0;
  let count = 0;
  for (const line of log.split("\n")) {
    const [start, , took] = line.split("\t", 3).map(Number);
    if (start === undefined || took === undefined) continue;
    micros[count++] = took;
    first = Math.min(first, start);
    last = Math.max(last, start + took);
  }
  if (count !== calls) throw new Error(`h2load logged ${count} of ${calls} calls`);
  return { seconds: (last - first) / 1e6, ...latencyOf(micros) };
}
