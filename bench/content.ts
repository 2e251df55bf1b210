/**
 * What ranking by content costs, on generated catalogs:
 *
 *     npm run bench:content -- [--items 10000,100000] [--calls 500]
 *
 * Prints how long an item takes to be indexed and how much memory, how long the
 * nearest items of a new one take to be found, and what a recommendation for a
 * history of 50 costs in the engine: by the model alone, by the model and the
 * content of the items that it does not know (a hundredth of all), and by content
 * alone. The model has random numbers in it, and the usual size.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parseArgs } from "node:util";
import { ContentRanking } from "../src/recommendations/content/content-ranking.ts";
import { Items } from "../src/recommendations/items.ts";
import { BlendedModel } from "../src/recommendations/model/blended-model.ts";
import { buildKernels } from "../src/recommendations/model/kernels/build.ts";
import { padded } from "../src/recommendations/model/kernels/arena.ts";
import { encodeModel } from "../src/recommendations/model/model-file.ts";
import type { Model } from "../src/recommendations/model/model.ts";
import { randomFrom } from "../src/random.ts";
import { TopN } from "../src/recommendations/top-n.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "10000,100000" },
    calls: { type: "string", default: "500" },
  },
});
const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const random = randomFrom(11);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const WORDS = 50_000;
/** A word, of which the first are the commonest (Zipf). */
const word = (): string => `word${Math.floor(WORDS ** random())}`;
const text = (length: number): string => Array.from({ length }, word).join(" ");
const NEIGHBOURS = 100;
/** A catalog above this has no factors. */
const MAX_FACTOR_ITEMS = 200_000;

/** A book with the usual amount to say: 60 words. */
function book(k: number, count: number) {
  const categories = Array.from({ length: 3 }, () => `category-${Math.floor(40 ** random())}`);
  return {
    id: `book ${k}`,
    title: text(5),
    creators: [`Author ${Math.floor(random() * (count / 6))}`],
    categories: [...new Set(categories)],
    description: text(60),
  };
}

/** A model of the videos from 1 to `count`, in the sizes that are learned. */
function modelOf(count: number): BlendedModel {
  const d = count > MAX_FACTOR_ITEMS ? 0 : 128;
  const pairs = count * NEIGHBOURS;
  const targets = new Uint32Array(pairs);
  for (let at = 0; at < pairs; at++) {
    const step = Math.floor(count / NEIGHBOURS);
    targets[at] = (at % NEIGHBOURS) * step + Math.floor(random() * step);
  }
  const info = { trainedTime: 0, items: count, users: 0, interactions: 0, logId: "", position: 0 };
  return new BlendedModel(
    encodeModel({
      info: { ...info, judgesTo: -1, heldOut: undefined },
      scales: { unit: 1, sparse: 1, factors: 1 },
      settings: {},
      dimensions: d,
      videos: Uint32Array.from({ length: count }, (_, k) => k + 1),
      counts: new Uint32Array(count).fill(100),
      offsets: Uint32Array.from({ length: count + 1 }, (_, k) => k * NEIGHBOURS),
      targets,
      weights: new Float32Array(pairs).map(() => random() / 10),
      similarities: new Uint16Array(pairs),
      factors: new Float32Array(padded(count) * d).map(() => (random() - 0.5) / 10),
      base: new Float32Array(d).fill(1),
    }),
  );
}

const accepts = (): boolean => true;

/** What many calls take each. */
function measured(what: string, call: () => void): void {
  const times: number[] = [];
  const calls = Number(values.calls);
  for (let k = 0; k < calls + 100; k++) {
    const begun = performance.now();
    call();
    if (k >= 100) times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * times.length)] ?? 0).toFixed(2);
  print(`  ${what.padEnd(44)} median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

await buildKernels();
for (const count of values.items.split(",").map(Number)) {
  print(`${count} items`);
  const fresh = Math.floor(count / 100);
  const items = new Items();
  const content = new ContentRanking(items);
  collect();
  const before = process.memoryUsage();
  let spent = 0;
  for (let k = 0; k < count; k++) {
    const its = book(k, count);
    const index = items.upsert(its);
    if (k < count - fresh) items.see(k + 1, its.id);
    const begun = performance.now();
    content.upsert(index, its);
    spent += performance.now() - begun;
  }
  collect();
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  print(
    `  indexed in ${((spent / count) * 1_000).toFixed(1)} µs and ${Math.round(bytes / count)} bytes each, all that is kept of an item among them`,
  );

  const known = count - fresh;
  const model: Model = modelOf(known);
  const likes = () =>
    Array.from({ length: 50 }, () => ({ video: 1 + Math.floor(random() * known), weight: 1 }));
  const byModel = (): void => {
    const best = new TopN(10);
    model.score(likes(), (video, score) => {
      const index = items.indexOfVideo(video);
      if (!content.newcomers.has(index) && best.takes(index, score)) best.push(index, score);
      return best.bar;
    });
    content.newcomers.score(best.bar, (index, score) => {
      if (best.takes(index, score)) best.push(index, score);
      return best.bar;
    });
    const mixtures = best.takeIds().map((index) => content.newcomers.mixtureOf(index));
    model.because(
      mixtures,
      mixtures.map(() => -1),
    );
  };
  measured("by the model alone", byModel);
  const begun = performance.now();
  content.newcomers.follow(model);
  await content.newcomers.settled();
  const each = (performance.now() - begun) / Math.max(1, content.newcomers.size);
  print(`  the nearest of ${content.newcomers.size} new items found in ${each.toFixed(3)} ms each`);
  measured("by the model, and content of new items", byModel);
  measured("by content alone", () => {
    const all = likes();
    const found: number[] = [];
    content.recommend(all, { limit: 10, accepts, popularity: () => 0.1 }, (index) =>
      found.push(index),
    );
    for (const index of found) content.because(index, all);
  });
  measured("similar to one item", () => {
    content.similar(Math.floor(random() * count), { limit: 10, accepts }, () => {});
  });
}
