/**
 * How well a server ranks for readers whom it did not learn from, asked as any
 * client asks, and what a training costs those who ask meanwhile:
 *
 *     npm run bench:ranking -- DIRECTORY [--as like|view|rating] [--fold-in like|view|rating]
 *
 * DIRECTORY has evaluate.mjs, and in split/ train.tsv.gz, valid_foldin.tsv.gz and
 * valid_target.tsv.gz: pairs of a user and an item below a line of names. Imports
 * train by the command line as feedback of one kind, trains, logs the readers of
 * valid_foldin, asks Recommend for 100 items for each, and prints what
 * evaluate.mjs says of them. Then 200 calls a second, before and during another
 * training, three times in turns. The exit code is 1 if any expectation does not hold.
 */
import { execFile, execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { print } from "./analytics/print.ts";
import { startServer } from "./analytics/server.ts";
import { killAll } from "./wire/child.ts";
import { latencyOf, median, type Latency } from "./wire/statistics.ts";

/** What the published figures ask of the goodbooks split. */
const LEAST_NDCG = 0.336;
const LEAST_RECALL = 0.365;
const MOST_SECONDS = 30;
const MOST_MEGABYTES = 800;
const CALLS_PER_SECOND = 200;
/** How long calls are measured before a training: milliseconds. */
const CALM_MS = 10_000;
const ROUNDS = 3;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { as: { type: "string", default: "like" }, "fold-in": { type: "string" } },
});
const [directory] = positionals;
if (directory === undefined) {
  process.stderr.write("usage: npm run bench:ranking -- DIRECTORY [--as KIND] [--fold-in KIND]\n");
  process.exit(1);
}
/** The numbers of FeedbackKind. */
const kinds = { view: 1, like: 2, rating: 4 } as const;
type Kind = keyof typeof kinds;
const learnedAs = values.as as Kind;
const foldedInAs = (values["fold-in"] ?? values.as) as Kind;

let failures = 0;
function expect(what: string, holds: boolean, found: unknown): void {
  if (!holds) failures++;
  print(`${holds ? "ok  " : "FAIL"} ${what}: ${String(found)}`);
}

/** The items of each user, in the order of the file. */
function readPairs(name: string): Map<string, string[]> {
  const text = gunzipSync(readFileSync(join(directory as string, "split", name))).toString();
  const users = new Map<string, string[]>();
  for (const line of text.trimEnd().split("\n").slice(1)) {
    const [user = "", item = ""] = line.split("\t");
    const items = users.get(user);
    if (items === undefined) users.set(user, [item]);
    else items.push(item);
  }
  return users;
}

const temporary = await mkdtemp(join(tmpdir(), "marquee-ranking-"));
process.on("exit", killAll);
const server = await startServer({ directory: temporary });
const { recommendations } = server.client;

async function importTrain(): Promise<string> {
  const program = new URL("../src/bin.js", import.meta.url).pathname;
  const file = join(directory as string, "split", "train.tsv.gz");
  const columns = ["--user", "user", "--item", "item", "--delimiter", "tab"];
  const args = [program, "--url", server.url, "import", "feedback", file, ...columns];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, "--kind", learnedAs]);
  return stdout.trim();
}

/** Trains, and tells how many seconds it took. */
async function train(): Promise<number> {
  const started = performance.now();
  for await (const _ of recommendations.trainModel({}));
  return (performance.now() - started) / 1_000;
}

/**
 * How long answers take, in microseconds, when calls are made at their times
 * whether or not others were answered, until `until` is fulfilled.
 */
async function underLoad(users: readonly string[], until: Promise<unknown>): Promise<Latency> {
  const ending = new AbortController();
  void until.finally(() => ending.abort());
  const micros: number[] = [];
  const calls: Promise<void>[] = [];
  const started = performance.now();
  for (let call = 0; !ending.signal.aborted; call++) {
    const due = started + (call * 1_000) / CALLS_PER_SECOND;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    const begun = performance.now();
    const userId = users[call % users.length] as string;
    calls.push(
      recommendations.recommend({ userId }).then(() => {
        micros.push(1_000 * (performance.now() - begun));
      }),
    );
  }
  await Promise.all(calls);
  return latencyOf(Float64Array.from(micros));
}

function inWords({ p50, p99 }: Latency): string {
  return `median ${(p50 / 1_000).toFixed(2)} ms, p99 ${(p99 / 1_000).toFixed(2)} ms`;
}

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

print(`     ${await importTrain()}`);
const before = megabytes(server.memory());
server.forgetPeak();
const seconds = await train();
const peak = megabytes(server.peakMemory());
expect(`a training takes at most ${MOST_SECONDS} s`, seconds <= MOST_SECONDS, seconds.toFixed(1));
print(`     the server has ${before} MB before it, and ${peak} MB at most with it`);
const added = peak - before;
expect(`it adds less than ${MOST_MEGABYTES} MB`, added < MOST_MEGABYTES, `${added} MB`);

const foldIn = readPairs("valid_foldin.tsv.gz");
const feedback = [...foldIn].flatMap(([user, items]) =>
  items.map((itemId) => ({
    userId: user,
    itemId,
    kind: kinds[foldedInAs],
    value: foldedInAs === "rating" ? 5 : 0,
  })),
);
for (let at = 0; at < feedback.length; at += 1_000) {
  await recommendations.recordFeedback({ feedback: feedback.slice(at, at + 1_000) });
}
const lines: string[] = [];
for (const userId of foldIn.keys()) {
  const answer = await recommendations.recommend({ userId, maxResults: 100 });
  lines.push(`${userId}\t${answer.recommendations.map(({ id }) => id).join(",")}\n`);
}
const ranking = join(temporary, "ranking.tsv");
writeFileSync(ranking, lines.join(""));
const judged = execFileSync(process.execPath, [join(directory, "evaluate.mjs"), ranking]);
const figures = JSON.parse(judged.toString()) as Record<string, number>;
print(`     ${judged.toString().trim()}`);
const [ndcg = 0, recall = 0] = [figures["ndcg@100"], figures["recall@20"]];
expect(`NDCG@100 is at least ${LEAST_NDCG}`, ndcg >= LEAST_NDCG, ndcg);
expect(`Recall@20 is at least ${LEAST_RECALL}`, recall >= LEAST_RECALL, recall);

const users = [...foldIn.keys()];
// Once to warm up.
await underLoad(users, sleep(CALM_MS / 2));
const ratios: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const calm = await underLoad(users, sleep(CALM_MS));
  print(`     ${CALLS_PER_SECOND} calls a second, without a training: ${inWords(calm)}`);
  const training = train();
  const busy = await underLoad(users, training);
  print(`     during one, of ${(await training).toFixed(1)} s: ${inWords(busy)}`);
  ratios.push(busy.p99 / calm.p99);
}
const ratio = median(ratios);
expect("the p99 is at most doubled by a training", ratio <= 2, ratio.toFixed(2));

await server.stop();
await rm(temporary, { recursive: true });
process.exit(failures === 0 ? 0 : 1);
