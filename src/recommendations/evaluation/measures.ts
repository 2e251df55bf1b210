import { ndcgAt, RANKED, recallAt } from "../model/metrics.ts";
import { resampledMeans } from "./bootstrap.ts";
import type { Case } from "./divide.ts";
import type { Popularity } from "./methods.ts";

/** A figure of a method; see EvaluatedMetric in the contract. */
export interface Metric {
  readonly name: string;
  /** How many places of the ranking it looks at. */
  readonly k: number;
  readonly value: number;
  /** Between what it is with 95 % confidence; undefined of coverage. */
  readonly interval: Interval | undefined;
  /** The same of its difference to that of the first method; undefined of that itself. */
  readonly difference: Interval | undefined;
}

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How many places the figures look at that are not of accuracy. */
const K = 20;

/** What is measured of a ranking by what was to be found, as the first columns. */
const accuracy: readonly ((ranking: readonly number[], hidden: ReadonlySet<number>) => number)[] = [
  (ranking, hidden) => recallAt(K, ranking, hidden),
  (ranking, hidden) => ndcgAt(10, ranking, hidden),
  (ranking, hidden) => ndcgAt(RANKED, ranking, hidden),
  (ranking, hidden) => {
    const place = ranking.findIndex((video) => hidden.has(video));
    return place < 0 ? 0 : 1 / (place + 1);
  },
];

/** What figures are made of: means over the viewers of these columns, by their places. */
const RECALL = 0;
const NDCG_AT_10 = 1;
const NDCG = 2;
const RECIPROCAL_RANK = 3;
const NOVELTY = 4;
const POPULARITY = 5;
const OWN_POPULARITY = 6;
const COLUMN_COUNT = 7;

type Means = readonly number[];

/** The figures that have intervals, as functions of the means. */
const figures: readonly { name: string; k: number; of: (means: Means) => number }[] = [
  { name: "recall", k: K, of: (means) => means[RECALL] as number },
  { name: "ndcg", k: 10, of: (means) => means[NDCG_AT_10] as number },
  { name: "ndcg", k: RANKED, of: (means) => means[NDCG] as number },
  // Voorhees, "The TREC-8 question answering track report", 1999.
  { name: "mrr", k: RANKED, of: (means) => means[RECIPROCAL_RANK] as number },
  // Self-information: Zhou et al., "Solving the apparent diversity-accuracy dilemma", 2010.
  { name: "novelty", k: K, of: (means) => means[NOVELTY] as number },
  // ΔGAP: Abdollahpouri et al., "The unfairness of popularity bias in recommendation", 2019.
  {
    name: "popularity_lift",
    k: K,
    of: (means) => {
      const own = means[OWN_POPULARITY] as number;
      return own === 0 ? 0 : (means[POPULARITY] as number) / own - 1;
    },
  },
];

/** Takes the rankings of one method, viewer by viewer. */
export class Measured {
  readonly #popularity: Popularity;
  readonly #columns: Float64Array[];
  readonly #covered = new Set<number>();
  #row = 0;

  constructor(popularity: Popularity, viewers: number) {
    this.#popularity = popularity;
    this.#columns = Array.from({ length: COLUMN_COUNT }, () => new Float64Array(viewers));
  }

  add(ranking: readonly number[], { known, hidden }: Case): void {
    const wanted = new Set(hidden);
    const row = this.#row++;
    const set = (column: number, value: number): void => {
      (this.#columns[column] as Float64Array)[row] = value;
    };
    for (const [column, measure] of accuracy.entries()) {
      set(column, measure(ranking, wanted));
    }
    const top = ranking.slice(0, K);
    for (const video of top) this.#covered.add(video);
    set(NOVELTY, mean(top.map((video) => -Math.log2(this.#popularity.of(video)))));
    set(POPULARITY, mean(top.map((video) => this.#popularity.of(video))));
    set(OWN_POPULARITY, mean([...known].map((video) => this.#popularity.of(video))));
  }

  get columns(): readonly Float64Array[] {
    return this.#columns;
  }

  /** How many videos were among the first for anybody. */
  get covered(): number {
    return this.#covered.size;
  }
}

/**
 * The figures of some methods, for the same viewers in the same order, with
 * intervals by resampling the viewers.
 * @param items How many could be covered.
 */
export function metricsOf(
  measured: readonly Measured[],
  options: { readonly items: number; readonly seed: number },
): Metric[][] {
  const columns = measured.flatMap((one) => one.columns);
  const observed = meansOf(
    measured,
    columns.map((column) => mean([...column])),
  );
  const samples = measured.map(() => figures.map((): number[] => []));
  const differences = measured.map(() => figures.map((): number[] => []));
  resampledMeans(columns, options.seed, (means) => {
    const all = meansOf(measured, means);
    for (const [method, own] of all.entries()) {
      for (const [index, { of }] of figures.entries()) {
        const value = of(own);
        samples[method]?.[index]?.push(value);
        differences[method]?.[index]?.push(value - of(all[0] as Means));
      }
    }
  });
  return measured.map((one, method) => {
    const metrics = figures.map(({ name, k, of }, index): Metric => ({
      name,
      k,
      value: of(observed[method] as Means),
      interval: middle(samples[method]?.[index] as number[]),
      difference: method === 0 ? undefined : middle(differences[method]?.[index] as number[]),
    }));
    const value = one.covered / options.items;
    const none = { interval: undefined, difference: undefined };
    metrics.splice(4, 0, { name: "coverage", k: K, value, ...none });
    return metrics;
  });
}

/** The means of each method's columns, of those of all columns. */
function meansOf(measured: readonly Measured[], means: Means): Means[] {
  return measured.map((_, method) =>
    means.slice(method * COLUMN_COUNT, (method + 1) * COLUMN_COUNT),
  );
}

/** Between what 95 % of the values are. */
function middle(values: number[]): Interval {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] as number;
  return { low: at(0.025), high: at(0.975) };
}

function mean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
