/**
 * How well, and how fast, a model is learned from a split of a dataset:
 *
 *     npm run bench:model -- DIRECTORY [--threads N]
 *
 * DIRECTORY has evaluate.mjs, and in split/ train.tsv.gz, valid_foldin.tsv.gz and
 * valid_target.tsv.gz: pairs of a user and an item below a line of names. Learns
 * from train, folds the readers of valid_foldin in, ranks 100 items for each
 * without those they have, and prints what evaluate.mjs says of that.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { BlendedModel } from "../src/recommendations/model/blended-model.ts";
import { buildKernels } from "../src/recommendations/model/kernels/build.ts";
import { learn } from "../src/recommendations/model/learning/learn.ts";
import { columnCounts, MatrixBuilder, userCount } from "../src/recommendations/model/matrix.ts";
import { encodeModel } from "../src/recommendations/model/model-file.ts";
import { TopN } from "../src/recommendations/top-n.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: "string" }, seed: { type: "string", default: "1" } },
});
const [directory] = positionals;
if (directory === undefined) {
  process.stderr.write("usage: npm run bench:model -- DIRECTORY [--threads N] [--seed N]\n");
  process.exit(1);
}

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

/** The items of each user, in the order of the file. */
function readPairs(name: string): Map<number, number[]> {
  const users = new Map<number, number[]>();
  const text = gunzipSync(readFileSync(join(directory as string, "split", name))).toString();
  for (const line of text.trimEnd().split("\n").slice(1)) {
    const [user, item] = line.split("\t").map(Number) as [number, number];
    const items = users.get(user);
    if (items === undefined) users.set(user, [item]);
    else items.push(item);
  }
  return users;
}

await buildKernels();
const builder = new MatrixBuilder();
for (const [user, items] of readPairs("train.tsv.gz")) {
  for (const item of items) builder.add(item, 1);
  builder.endUser(user);
}
const interactions = builder.build();
const { matrix, videos } = interactions;
print(`${userCount(matrix)} users, ${videos.length} items, ${matrix.columns.length} pairs`);

const started = performance.now();
const since = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
let searched = "";
const learned = await learn(interactions, {
  seed: Number(values.seed),
  ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
  onSearch: (done) => {
    if (done === 1) searched = since();
  },
});
print(`settings ${JSON.stringify(learned.settings)}`);
print(`learned in ${since()}, of which the choice of settings ${searched}`);
print(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);

const memory = encodeModel({
  ...learned,
  counts: columnCounts(matrix),
  info: {
    trainedTime: 0,
    items: videos.length,
    users: userCount(matrix),
    interactions: matrix.columns.length,
    logId: "",
    position: 0,
    heldOut: undefined,
  },
});
const model = new BlendedModel(memory);
print(
  `${learned.targets.length} weights, ${learned.dimensions} factors, ${Math.round(memory.buffer.byteLength / 1e6)} MB`,
);

const lines: string[] = [];
const times: number[] = [];
const best = new TopN(100);
for (const [user, items] of readPairs("valid_foldin.tsv.gz")) {
  const begun = performance.now();
  const known = new Set(items);
  model.score(
    items.map((video) => ({ video, weight: 1 })),
    (video, score) => {
      if (best.takes(video, score) && !known.has(video)) best.push(video, score);
      return best.bar;
    },
  );
  const ranking = best.takeIds();
  times.push(performance.now() - begun);
  lines.push(`${user}\t${ranking.join(",")}\n`);
}
times.sort((a, b) => a - b);
const at = (share: number): string =>
  `${((times[Math.floor(share * times.length)] ?? 0) * 1000).toFixed(0)} µs`;
print(`fold-in, scores and the best 100: median ${at(0.5)}, p99 ${at(0.99)}`);

const temporary = await mkdtemp(join(tmpdir(), "marquee-bench-"));
const file = join(temporary, "ranking.tsv");
writeFileSync(file, lines.join(""));
print(
  execFileSync(process.execPath, [join(directory, "evaluate.mjs"), file], { encoding: "utf8" }),
);
await rm(temporary, { recursive: true });
