/** The process that loads a server with streams. It speaks with its parent over IPC. */
import { latencyOf } from "../statistics.ts";
import { Chat, List, type Traffic } from "./traffic.ts";
import { openConnection, type Http2Connection } from "./http2-connection.ts";
import type { LoadResult } from "./load.ts";
import { streamConcurrency, type StreamJob } from "./stream-load.ts";

process.once("SIGTERM", () => process.exit(0));
process.once("disconnect", () => process.exit(0));

/** Fails, and ends the process with it, as soon as one stream does. */
async function run({ kind, base, calls }: StreamJob): Promise<LoadResult> {
  const { connections, streams } = streamConcurrency[kind];
  const micros = new Float64Array(calls);
  const open: Http2Connection[] = [];
  const done: Promise<void>[] = [];
  const traffics: Traffic[] = [];
  let first = 0;
  for (let index = 0; index < connections; index++) {
    const share =
      Math.floor(((index + 1) * calls) / connections) - Math.floor((index * calls) / connections);
    const slice = micros.subarray(first, (first += share));
    const traffic = kind === "list" ? new List(streams, slice) : new Chat(streams, slice);
    const connection = await openConnection(base, traffic);
    open.push(connection);
    traffics.push(traffic);
  }
  const start = performance.now();
  for (const [index, traffic] of traffics.entries()) {
    const connection = open[index];
    if (connection !== undefined) done.push(traffic.start(connection));
  }
  await Promise.all(done);
  const seconds = (performance.now() - start) / 1_000;
  for (const connection of open) connection.close();
  return { seconds, ...latencyOf(micros) };
}

process.on("message", (job) => {
  void run(job as StreamJob).then((result) => process.send?.(result));
});
process.send?.(true);
