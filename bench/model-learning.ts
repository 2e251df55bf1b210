import { createHash } from "node:crypto";
import { BlendedModel } from "../src/recommendations/model/blended-model.ts";
import { learn } from "../src/recommendations/model/learning/learn.ts";
import type { Interactions } from "../src/recommendations/model/matrix.ts";
import { encodeLearned } from "../src/recommendations/model/encode-learned.ts";
import { modelLength } from "../src/recommendations/model/model-file.ts";
import { TopN } from "../src/recommendations/top-n.ts";

export const print = (text: string): boolean => process.stdout.write(`${text}\n`);

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Learns a model, and prints how long what took, and how large it is. */
export async function learnAndPrint(
  interactions: Interactions,
  { seed, threads }: { readonly seed: number; readonly threads: number | undefined },
): Promise<{ readonly model: BlendedModel }> {
  const started = performance.now();
  let searched = 0;
  const tasks = new Map<string, number>();
  const learned = await learn(interactions, {
    seed,
    ...(threads === undefined ? {} : { threads }),
    onSearch: (done) => {
      if (done === 1) searched = performance.now() - started;
    },
    onTask: (name, ms) => tasks.set(name, (tasks.get(name) ?? 0) + ms),
  });
  const memory = encodeLearned(interactions, learned);
  const all = performance.now() - started;
  print(`settings ${JSON.stringify(learned.settings)}`);
  print(`learned in ${seconds(all)}, of which the choice of settings ${seconds(searched)}`);
  const stages = [...tasks].toSorted((a, b) => b[1] - a[1]);
  const rest = all - stages.reduce((sum, [, ms]) => sum + ms, 0);
  const told = [...stages, ["the rest, by one thread", rest] as const];
  print(`  ${told.map(([name, ms]) => `${name} ${seconds(ms)}`).join(", ")}`);
  print(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  const bytes = new Uint8Array(memory.buffer, 0, modelLength(memory));
  // A hash of bytes that others may change is refused: of a copy, piece by piece.
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += 0x10_0000) hash.update(bytes.slice(at, at + 0x10_0000));
  print(
    `${learned.targets.length} weights, ${learned.dimensions} factors, ` +
      `${Math.round(bytes.length / 1e6)} MB, digest ${hash.digest("hex").slice(0, 16)}`,
  );
  return { model: new BlendedModel(memory) };
}

/** Ranks 100 items for one viewer after the other, and keeps how long that took. */
export class Ranker {
  readonly #model: BlendedModel;
  readonly #best = new TopN(100);
  readonly #times: number[] = [];

  constructor(model: BlendedModel) {
    this.#model = model;
  }

  /** The best for who has these, without these. */
  rank(items: readonly number[]): number[] {
    const best = this.#best;
    const begun = performance.now();
    const known = new Set(items);
    this.#model.score(
      items.map((video) => ({ video, weight: 1 })),
      (video, score) => {
        if (best.takes(video, score) && !known.has(video)) best.push(video, score);
        return best.bar;
      },
    );
    const ranking = best.takeIds();
    this.#times.push(performance.now() - begun);
    return ranking;
  }

  printTimes(): void {
    const times = this.#times.toSorted((a, b) => a - b);
    const at = (share: number): string =>
      `${((times[Math.floor(share * times.length)] ?? 0) * 1000).toFixed(0)} µs`;
    print(`fold-in, scores and the best 100: median ${at(0.5)}, p99 ${at(0.99)}`);
  }
}
