/**
 * How well, and how fast, a model is learned. From a split of a dataset:
 *
 *     npm run bench:model -- DIRECTORY [--threads N] [--seed N]
 *
 * DIRECTORY has evaluate.mjs, and in split/ train.tsv.gz, valid_foldin.tsv.gz and
 * valid_target.tsv.gz: pairs of a user and an item below a line of names. Learns
 * from train, folds the readers of valid_foldin in, ranks 100 items for each
 * without those they have, and prints what evaluate.mjs says of that.
 *
 * From made-up interactions, to see what grows with the catalog, each number of
 * items in a process of its own:
 *
 *     npm run bench:model -- --items 10000,100000,1000000 [--per-item 20] [--per-user 10]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { heldOutOf, judgeOn } from "../src/recommendations/model/evaluation.ts";
import { buildKernels } from "../src/recommendations/model/kernels/build.ts";
import {
  MatrixBuilder,
  userCount,
  type Interactions,
} from "../src/recommendations/model/matrix.ts";
import { makeInteractions } from "./model-data.ts";
import { learnAndPrint, print, Ranker } from "./model-learning.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string" },
    seed: { type: "string", default: "1" },
    items: { type: "string" },
    "per-item": { type: "string", default: "20" },
    "per-user": { type: "string", default: "10" },
  },
});
const [directory] = positionals;
const sizes = values.items?.split(",").map(Number) ?? [];
if ((directory === undefined) === (sizes.length === 0) || sizes.some((size) => !(size >= 100))) {
  process.stderr.write(
    "usage: npm run bench:model -- DIRECTORY | --items N,N [--per-item N] [--per-user N]\n" +
      "       [--threads N] [--seed N]\n",
  );
  process.exit(1);
}
const seed = Number(values.seed);
const threads = values.threads === undefined ? undefined : Number(values.threads);

await buildKernels();
if (directory !== undefined) await fromSplit(directory);
else if (sizes.length === 1) await fromNothing(sizes[0] as number);
else for (const size of sizes) runAgain(size);

/** Measures one size in a process of its own, so that its memory is only its own. */
function runAgain(items: number): void {
  const { "per-item": perItem, "per-user": perUser, ...rest } = values;
  const args = ["--items", String(items), "--per-item", perItem, "--per-user", perUser];
  if (rest.threads !== undefined) args.push("--threads", rest.threads);
  const script = new URL(import.meta.url).pathname;
  const { status } = spawnSync(process.execPath, [script, ...args, "--seed", rest.seed], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
  print("");
}

/** Learns from made-up interactions. */
async function fromNothing(items: number): Promise<void> {
  const pairs = items * Number(values["per-item"]);
  const users = Math.round(pairs / Number(values["per-user"]));
  const begun = performance.now();
  const interactions = makeInteractions({ items, users, pairs }, seed);
  describe(interactions);
  print(`made up in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const { model } = await learnAndPrint(interactions, { seed, threads });
  const ranker = new Ranker(model);
  const { matrix, videos } = interactions;
  const step = Math.max(1, Math.floor(userCount(matrix) / 2_000));
  for (let user = 0; user < userCount(matrix); user += step) {
    const [start, end] = [matrix.offsets[user] as number, matrix.offsets[user + 1] as number];
    ranker.rank(Array.from(matrix.columns.subarray(start, end), (at) => videos[at] as number));
  }
  ranker.printTimes();
  print(`held out: ${JSON.stringify(heldOutOf(judgeOn(model, interactions, seed)))}`);
}

/** Learns from a split, and has it evaluated. */
async function fromSplit(source: string): Promise<void> {
  const builder = new MatrixBuilder();
  for (const [user, items] of readPairs(source, "train.tsv.gz")) {
    for (const item of items) builder.add(item, 1);
    builder.endUser(user);
  }
  const interactions = builder.build();
  describe(interactions);
  const { model } = await learnAndPrint(interactions, { seed, threads });
  const ranker = new Ranker(model);
  const lines: string[] = [];
  for (const [user, items] of readPairs(source, "valid_foldin.tsv.gz")) {
    lines.push(`${user}\t${ranker.rank(items).join(",")}\n`);
  }
  ranker.printTimes();
  const temporary = await mkdtemp(join(tmpdir(), "marquee-bench-"));
  const file = join(temporary, "ranking.tsv");
  writeFileSync(file, lines.join(""));
  print(execFileSync(process.execPath, [join(source, "evaluate.mjs"), file], { encoding: "utf8" }));
  await rm(temporary, { recursive: true });
}

function describe({ matrix, videos }: Interactions): void {
  print(`${userCount(matrix)} users, ${videos.length} items, ${matrix.columns.length} pairs`);
}

/** The items of each user, in the order of the file. */
function readPairs(source: string, name: string): Map<number, number[]> {
  const users = new Map<number, number[]>();
  const text = gunzipSync(readFileSync(join(source, "split", name))).toString();
  for (const line of text.trimEnd().split("\n").slice(1)) {
    const [user, item] = line.split("\t").map(Number) as [number, number];
    const items = users.get(user);
    if (items === undefined) users.set(user, [item]);
    else items.push(item);
  }
  return users;
}
