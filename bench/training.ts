/**
 * How long Recommend takes at 200 calls a second, while nothing else happens and
 * while a model is learned:
 *
 *     npm run bench:training -- DIRECTORY [--seconds N]
 *
 * DIRECTORY has split/train.tsv.gz: pairs of a user and an item below a line of
 * names. A server of its own gets them as likes, learns a first model, and is asked
 * for recommendations, each time for another reader: first with nothing else to do,
 * then while trainings follow one another, then again with nothing to do. A call's
 * time begins when it was due. The exit code is 1 if the p99 more than doubles.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { FeedbackKind } from "../gen/recommendations/v1/feedback_pb.js";
import { startServer, type Server } from "./analytics/server.ts";
import { latencyOf } from "./wire/statistics.ts";

const CALLS_PER_SECOND = 200;
/** Calls before the first that count: code is slow until it is compiled. */
const WARM_UP = 4_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "20" } },
});
const [source] = positionals;
if (source === undefined) {
  process.stderr.write("usage: npm run bench:training -- DIRECTORY [--seconds N]\n");
  process.exit(1);
}
const ms = (micros: number): string => `${(micros / 1_000).toFixed(2)} ms`;
const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

const text = gunzipSync(readFileSync(join(source, "split", "train.tsv.gz"))).toString();
const pairs = text
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t") as [string, string]);
const users = [...new Set(pairs.map(([user]) => user))];

const directory = await mkdtemp(join(tmpdir(), "marquee-bench-"));
const server = await startServer({ directory });
let nextUser = 0;
let trainings = 0;
const over = new AbortController();

/** Logs all pairs as likes. */
async function record({ client }: Server): Promise<void> {
  for (let at = 0; at < pairs.length; at += 1_000) {
    const feedback = pairs
      .slice(at, at + 1_000)
      .map(([userId, itemId]) => ({ userId, itemId, kind: FeedbackKind.LIKE }));
    await client.recommendations.recordFeedback({ feedback });
  }
}

async function recommend(): Promise<void> {
  // Not one after the other as the log has them, and all of them in the end.
  nextUser = (nextUser + 7_919) % users.length;
  const userId = users[nextUser] as string;
  await server.client.recommendations.recommend({ userId, maxResults: 10 });
}

/** Makes calls when they are due, for so long; prints what they took. */
async function measure(what: string, seconds: number): Promise<number> {
  const micros = new Float64Array(seconds * CALLS_PER_SECOND);
  const running: Promise<void>[] = [];
  const begun = performance.now();
  for (let call = 0; call < micros.length;) {
    const due = begun + (1_000 * call) / CALLS_PER_SECOND;
    const wait = due - performance.now();
    if (wait > 0) {
      await sleep(wait);
      continue;
    }
    const index = call++;
    running.push(
      recommend().then(() => {
        micros[index] = 1_000 * (performance.now() - due);
      }),
    );
  }
  await Promise.all(running);
  const { p50, p99 } = latencyOf(micros);
  print(`${what}: median ${ms(p50)}, p99 ${ms(p99)}, ${micros.length} calls`);
  return p99;
}

/** Learns one model after the other, until it is over. */
async function trainOn({ client }: Server): Promise<void> {
  while (!over.signal.aborted) {
    const begun = performance.now();
    for await (const _ of client.recommendations.trainModel({}));
    trainings++;
    print(`  a training took ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  }
}

try {
  await record(server);
  print(`${pairs.length} likes of ${users.length} readers`);
  const memory = server.memory();
  for await (const _ of server.client.recommendations.trainModel({}));
  for (let call = 0; call < WARM_UP; call++) await recommend();
  const seconds = Number(values.seconds);
  const before = await measure("alone", seconds);
  const training = trainOn(server);
  await sleep(500);
  const during = await measure("while it trains", seconds);
  over.abort();
  const peak = server.memory();
  await training;
  const after = await measure("alone again", seconds);
  const ratio = during / Math.min(before, after);
  print(`memory ${mb(memory)} before the first training, ${mb(peak)} in the middle of one`);
  print(`the p99 while it trains is ${ratio.toFixed(2)} of the p99 alone; ${trainings} trainings`);
  process.exitCode = ratio <= 2 ? 0 : 1;
} finally {
  await server.stop();
  await rm(directory, { recursive: true });
}
