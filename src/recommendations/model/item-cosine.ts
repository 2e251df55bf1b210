import { TopN } from "../top-n.ts";
import { transposed, userCount, type Matrix } from "./matrix.ts";

/**
 * What the similarity of two items depends on.
 *
 * Chosen by NDCG@100 on held-out readers of books, where plain cosine gets
 * 0.292: damping users by n^-0.5 gives 0.302, the scores of model.ts 0.320.
 * Shrinkage makes no difference there between 0 and 5, because every item has
 * about 100 readers; where most items have few it keeps chance from looking
 * like similarity, so the largest that cost nothing was taken. 50 or 200
 * neighbours are no better than 100 (0.3206 and 0.3199).
 */
export interface CosineOptions {
  /** How many of the nearest items are kept for each. */
  readonly neighbours: number;
  /** What the product of the norms is increased by. */
  readonly shrinkage: number;
  /** A user of n items weighs n^-damping. */
  readonly damping: number;
}

export const COSINE: CosineOptions = { neighbours: 100, shrinkage: 5, damping: 0.5 };

/** The nearest items of each, nearest first: sparse rows as in {@link Matrix}. */
export interface Neighbours {
  readonly offsets: Uint32Array;
  readonly items: Uint32Array;
  /** Above 0 and at most 1. */
  readonly similarities: Float32Array;
}

/** Tells how much is done, from 0 to 1. */
export type OnProgress = (progress: number) => void;

/**
 * Item-to-item cosine (Sarwar et al. 2001) over users weighted by their number
 * of items n (inverse user frequency, as in Karypis 2001), shrunk towards 0
 * where the support is small (as in Bell and Koren 2007):
 *
 *     sim(i, j) = Σ_u w_u s_ui s_uj / (‖i‖ ‖j‖ + shrinkage)
 *     ‖i‖² = Σ_u w_u s_ui²,  w_u = n_u^-damping
 *
 * Row by row, after Gustavson (1978): the time is that of Σ_u n_u² additions,
 * the memory beyond input and output one number for each item. Deterministic;
 * of equally near items the one of the lower column is nearer.
 */
export function nearestItems(
  matrix: Matrix,
  options: CosineOptions = COSINE,
  onProgress: OnProgress = () => {},
): Neighbours {
  const byItem = transposed(matrix);
  const weights = userWeights(matrix, options.damping);
  const norms = itemNorms(byItem, weights);
  const rows = new NeighbourRows(matrix.items, options.neighbours);
  const dots = new Float64Array(matrix.items);
  const touched = new Uint32Array(matrix.items);
  for (let item = 0; item < matrix.items; item++) {
    if (item % 256 === 0) onProgress(item / matrix.items);
    const count = addDots(matrix, byItem, weights, item, dots, touched);
    const norm = norms[item] as number;
    for (let k = 0; k < count; k++) {
      const other = touched[k] as number;
      if (other !== item) {
        const product = norm * (norms[other] as number);
        rows.push(other, (dots[other] as number) / (product + options.shrinkage));
      }
      dots[other] = 0;
    }
    rows.endRow();
  }
  onProgress(1);
  return rows.finish();
}

/** Adds up the dot products of an item with all that share a user with it, itself too. */
function addDots(
  matrix: Matrix,
  byItem: Matrix,
  weights: Float64Array,
  item: number,
  dots: Float64Array,
  touched: Uint32Array,
): number {
  const { offsets, columns, strengths } = matrix;
  let count = 0;
  const end = byItem.offsets[item + 1] as number;
  for (let at = byItem.offsets[item] as number; at < end; at++) {
    const user = byItem.columns[at] as number;
    const weight = (weights[user] as number) * (byItem.strengths[at] as number);
    const last = offsets[user + 1] as number;
    for (let k = offsets[user] as number; k < last; k++) {
      const other = columns[k] as number;
      const dot = dots[other] as number;
      if (dot === 0) touched[count++] = other;
      dots[other] = dot + weight * (strengths[k] as number);
    }
  }
  return count;
}

function userWeights(matrix: Matrix, damping: number): Float64Array {
  const weights = new Float64Array(userCount(matrix));
  for (let user = 0; user < weights.length; user++) {
    const items = (matrix.offsets[user + 1] as number) - (matrix.offsets[user] as number);
    weights[user] = items ** -damping;
  }
  return weights;
}

function itemNorms(byItem: Matrix, weights: Float64Array): Float64Array {
  const norms = new Float64Array(userCount(byItem));
  for (let item = 0; item < norms.length; item++) {
    let sum = 0;
    const end = byItem.offsets[item + 1] as number;
    for (let at = byItem.offsets[item] as number; at < end; at++) {
      const strength = byItem.strengths[at] as number;
      sum += (weights[byItem.columns[at] as number] as number) * strength * strength;
    }
    norms[item] = Math.sqrt(sum);
  }
  return norms;
}

/** Collects the nearest items row by row. */
class NeighbourRows {
  readonly #offsets: Uint32Array;
  readonly #top: TopN;
  #row = 0;
  #size = 0;
  #items = new Uint32Array(1_024);
  #similarities = new Float32Array(1_024);

  constructor(items: number, neighbours: number) {
    this.#offsets = new Uint32Array(items + 1);
    this.#top = new TopN(neighbours);
  }

  push(item: number, similarity: number): void {
    this.#top.push(item, similarity);
  }

  endRow(): void {
    const start = this.#size;
    this.#size += this.#top.size;
    this.#reserve(this.#size);
    this.#top.drain((item, similarity) => {
      // Worst first: the row is filled from its end.
      const at = start + this.#top.size;
      this.#items[at] = item;
      this.#similarities[at] = similarity;
    });
    this.#offsets[++this.#row] = this.#size;
  }

  finish(): Neighbours {
    return {
      offsets: this.#offsets,
      items: this.#items.slice(0, this.#size),
      similarities: this.#similarities.slice(0, this.#size),
    };
  }

  #reserve(size: number): void {
    if (size <= this.#items.length) return;
    const length = Math.max(size, 2 * this.#items.length);
    const [items, similarities] = [new Uint32Array(length), new Float32Array(length)];
    items.set(this.#items);
    similarities.set(this.#similarities);
    this.#items = items;
    this.#similarities = similarities;
  }
}
