import { TopN } from "../top-n.ts";
import type { ContentIndex } from "./content-index.ts";
import { FIELDS } from "./features.ts";

/**
 * So many items of features are looked at: what remains are features that say
 * least. About 0.3 ms.
 */
const BUDGET = 60_000;
/** Features are told apart by the power of two that they weigh, 2^-40 to 2^23. */
const BINS = 64;
/** If not all were looked at, this many times as many as asked for are scored in full. */
const SPARE = 3;
/** In single precision, too, it is none. */
const NEARLY_ZERO = 1e-37;

/** What to find the best items by. */
export interface Search {
  readonly limit: number;
  /** How many items of features to look at, at most. Default: {@link BUDGET}. */
  readonly budget?: number;
  readonly accepts: (item: number) => boolean;
  /** What an item has besides. Default: 0. */
  readonly prior?: (item: number) => number;
  /** What the sum of both is multiplied by, above 0. Default: 1. */
  readonly factor?: (item: number) => number;
}

/**
 * A weighted sum of the contents of items, and how well others fit it: the sum of
 * their cosines (Rocchio 1971). Its tables are kept between calls, what somebody
 * likes is not: {@link begin} forgets it.
 */
export class Profile {
  readonly #index: ContentIndex;
  /** Of each feature, the sum of its weights, without idf. */
  #sums = new Float64Array(1_024);
  #features: number[] = [];
  /** What each of the features weighs, about and exactly; and how many items those of each bin have. */
  #weights = new Float64Array(1_024);
  #bins = new Uint8Array(1_024);
  readonly #costs = new Float64Array(BINS);
  /** Of each item, what it has so far; 0 between calls. */
  #scores = new Float32Array(1_024);
  #hits = new Uint32Array(1_024);

  constructor(index: ContentIndex) {
    this.#index = index;
  }

  /** Whether there is anything that an item could fit. */
  get isEmpty(): boolean {
    return this.#features.length === 0;
  }

  /** Begins a profile of nothing. */
  begin(): void {
    for (const feature of this.#features) this.#sums[feature] = 0;
    this.#features = [];
    if (this.#sums.length < this.#index.featureCapacity) {
      this.#sums = new Float64Array(2 * this.#index.featureCapacity);
    }
  }

  /** Adds the content of an item, so many times. */
  add(item: number, weight: number): void {
    for (const feature of this.#index.featuresOf(item)) {
      const sum = this.#sums[feature] as number;
      if (sum === 0) this.#features.push(feature);
      // What comes to 0 would be there twice.
      this.#sums[feature] = sum + weight * this.#index.scale(item, feature) || NEARLY_ZERO;
    }
  }

  /** How well an item fits: the sum of the weights times cosines. */
  scoreOf(item: number): number {
    let score = 0;
    for (const feature of this.#index.featuresOf(item)) {
      const sum = this.#sums[feature] as number;
      if (sum === 0) continue;
      score += sum * this.#index.idf(feature) ** 2 * this.#index.scale(item, feature);
    }
    return score;
  }

  /** The items that fit best, above 0, best first: visits each with its score. */
  best(search: Search, visit: (item: number, score: number) => void): void {
    const { limit, accepts, prior = () => 0, factor = () => 1 } = search;
    const { hits, isWhole } = this.#gather(search.budget ?? BUDGET);
    const found = new TopN(isWhole ? limit : SPARE * limit);
    for (let hit = 0; hit < hits; hit++) {
      const item = this.#hits[hit] as number;
      const score = this.#scores[item] as number;
      this.#scores[item] = 0;
      if (score <= 0) continue;
      const total = (score + prior(item)) * factor(item);
      if (found.takes(item, total) && accepts(item)) found.push(item, total);
    }
    const exact = new TopN(limit);
    found.drain((item) => exact.push(item, (this.scoreOf(item) + prior(item)) * factor(item)));
    const order: [number, number][] = [];
    exact.drain((item, score) => order.push([item, score]));
    for (const [item, score] of order.toReversed()) visit(item, score);
  }

  /** Adds up what items have, by features that say most first, until the budget is used up. */
  #gather(budget: number): { hits: number; isWhole: boolean } {
    this.#reserve();
    const { length } = this.#features;
    const [weights, bins, index] = [this.#weights, this.#bins, this.#index];
    const costs = this.#costs.fill(0);
    let cost = 0;
    // Counting loops: this is most of what a call costs.
    for (let at = 0; at < length; at++) {
      const feature = this.#features[at] as number;
      const weight = (this.#sums[feature] as number) * index.idf(feature) ** 2;
      const bin = binOf(weight);
      const items = weight === 0 ? 0 : index.countOf(feature);
      weights[at] = weight;
      bins[at] = bin;
      cost += items;
      costs[bin] = (costs[bin] as number) + items;
    }
    // Sorting thousands of features would take longer than adding them up.
    let last = BINS - 1;
    let left = budget;
    while (last > 0 && left > (costs[last] as number)) left -= costs[last--] as number;
    let hits = 0;
    for (let at = 0; at < length; at++) {
      const feature = this.#features[at] as number;
      const weight = weights[at] as number;
      const bin = bins[at] as number;
      if (weight === 0 || bin < last) continue;
      let step = 1;
      if (bin === last && cost > budget) {
        if (left <= 0) continue;
        // Of a list that is too long, some: they stand for the others.
        step = Math.ceil(index.countOf(feature) / left);
        left -= index.countOf(feature);
      }
      hits = this.#addUp(feature, weight, step, hits);
    }
    return { hits, isWhole: cost <= budget };
  }

  #addUp(feature: number, weight: number, step: number, hits: number): number {
    const items = this.#index.itemsWith(feature);
    const field = this.#index.field(feature);
    const { scales } = this.#index;
    const [scores, found] = [this.#scores, this.#hits];
    const { length } = items;
    let end = hits;
    for (let at = 0; at < length; at += step) {
      const item = items[at] as number;
      const score = scores[item] as number;
      if (score === 0) found[end++] = item;
      const sum = score + weight * (scales[FIELDS * item + field] as number);
      // What comes to 0 would be a hit once more.
      scores[item] = sum === 0 ? NEARLY_ZERO : sum;
    }
    return end;
  }

  #reserve(): void {
    const { capacity } = this.#index;
    if (this.#weights.length < this.#features.length) {
      this.#weights = new Float64Array(2 * this.#features.length);
      this.#bins = new Uint8Array(2 * this.#features.length);
    }
    if (this.#scores.length >= capacity) return;
    this.#scores = new Float32Array(Math.ceil(1.5 * capacity));
    this.#hits = new Uint32Array(this.#scores.length);
  }
}

function binOf(weight: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(weight)));
  return Math.min(BINS - 1, Math.max(0, exponent + 40));
}
