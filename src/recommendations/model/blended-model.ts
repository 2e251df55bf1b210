import { Arena, padded } from "./kernels/arena.ts";
import { openKernels, type Kernels } from "./kernels/kernels.ts";
import type { SharedMemory } from "./kernels/webassembly.ts";
import { columnOf } from "./matrix.ts";
import { decodeModel, modelLength, type ModelParts } from "./model-file.ts";
import { MAX_LIKES, type Model, type ModelInfo, type WeightedVideo } from "./model.ts";
import { RowSolver } from "./row-solver.ts";

/**
 * How much a dislike counts of what a like of the same weight does: enough to
 * lower what is similar, and little, because people read more of what they are
 * interested in even if they did not like it. On ratings of books of 1 and 2, 0.1
 * takes 0.003 away from NDCG@100, and 0.25 twice that.
 */
const DISLIKE = 0.1;

/**
 * Scores by a sparse linear model and by factors:
 *
 *     score(j) = a Σ_i w_i B_ij + b x·y_j
 *
 * where w are the weights of the viewer's likes, B is the ridge over neighbours
 * (learning/ridge.ts), and x the factors that fit the likes best, found by one
 * solve (row-solver.ts), in which a like should come to 1 and a dislike to -1. The
 * shares a and b are the same for everybody, so that all is made of
 * contributions. With factors each call scans all items; without, it touches
 * the neighbours of the likes only.
 */
export class BlendedModel implements Model {
  readonly info: ModelInfo;
  readonly #parts: ModelParts;
  readonly #kernels: Kernels;
  readonly #solver: RowSolver | undefined;
  readonly #factorsAt: number;
  readonly #scoresAt: number;
  readonly #vectorAt: number;
  readonly #scores: Float32Array;
  readonly #vector: Float32Array;
  readonly #solution: Float32Array;
  readonly #columnsAt: number;
  readonly #columns: Uint32Array;
  readonly #confidences = new Float64Array(MAX_LIKES);
  readonly #targets = new Float64Array(MAX_LIKES);
  /** Where in the likes each column is from. */
  readonly #origins = new Uint32Array(MAX_LIKES);
  /** What the factors leave of each target, weighted; valid when {@link #hasRests}. */
  readonly #rests = new Float64Array(MAX_LIKES);
  #hasRests = false;
  #count = 0;
  #likes = 0;

  /** @param memory Its beginning has the bytes of a model; what is behind them is taken. */
  constructor(memory: SharedMemory) {
    const arena = new Arena(memory, modelLength(memory));
    const { items, d } = sizesOf(decodeModel(memory));
    this.#scoresAt = arena.alloc(padded(items));
    this.#vectorAt = arena.alloc(d);
    this.#columnsAt = arena.alloc(MAX_LIKES);
    const scratch = arena.alloc(d === 0 ? 0 : RowSolver.scratch(d));
    // From here on the memory does not grow any more.
    const parts = decodeModel(memory);
    this.info = parts.info;
    this.#parts = parts;
    this.#factorsAt = parts.factorsAt;
    this.#kernels = openKernels(memory);
    this.#scores = arena.f32(this.#scoresAt, items);
    this.#vector = arena.f32(this.#vectorAt, d);
    this.#columns = arena.u32(this.#columnsAt, MAX_LIKES);
    if (d > 0) {
      this.#solver = new RowSolver(arena, this.#kernels, d, parts.factorsAt, scratch);
      this.#solver.setBase(parts.base);
    }
    this.#solution = arena.f32(this.#solver?.solution ?? this.#vectorAt, d);
  }

  score(likes: readonly WeightedVideo[], visit: (video: number, score: number) => number): void {
    const { videos, scales } = this.#parts;
    const scores = this.#scores;
    this.#take(likes);
    if (this.#count === 0) return;
    if (this.#solver === undefined) {
      scores.fill(0);
    } else {
      this.#solver.solve({
        columns: this.#columnsAt,
        count: this.#count,
        confidences: this.#confidences,
        targets: this.#targets,
      });
      const d = this.#vector.length;
      for (let k = 0; k < d; k++) {
        this.#vector[k] = scales.factors * (this.#solution[k] as number);
      }
      this.#kernels.scan(this.#factorsAt, this.#vectorAt, padded(videos.length), d, this.#scoresAt);
    }
    this.#addWeights();
    let bar = -Infinity;
    for (let column = 0; column < scores.length; column++) {
      const score = scores[column] as number;
      if (score >= bar && score > 0) bar = visit(videos[column] as number, score);
    }
  }

  forEachScore(visit: (video: number, score: number) => void): void {
    const { videos } = this.#parts;
    // Without a like nothing was computed: what is there is another viewer's.
    if (this.#count === 0) this.#scores.fill(0);
    for (let column = 0; column < videos.length; column++) {
      visit(videos[column] as number, this.#scores[column] as number);
    }
  }

  because(video: number): number {
    const column = columnOf(this.#parts.videos, video);
    if (column < 0 || this.#count === 0) return -1;
    return this.#loudest(
      this.#sparseContributions(column),
      this.#factorContributions(this.#factorsOf(column)),
      column,
    );
  }

  becauseOf(mixture: readonly WeightedVideo[]): number {
    if (this.#count === 0) return -1;
    const sparse = new Float64Array(this.#count);
    const factors = new Float32Array(this.#vector.length);
    for (const { video, weight } of mixture) {
      const column = columnOf(this.#parts.videos, video);
      if (column < 0) continue;
      const own = this.#factorsOf(column);
      for (const [k, factor] of own.entries())
        factors[k] = (factors[k] as number) + weight * factor;
      for (const [p, one] of this.#sparseContributions(column).entries()) {
        sparse[p] = (sparse[p] as number) + weight * one;
      }
    }
    return this.#loudest(sparse, this.#factorContributions(factors), -1);
  }

  contributions(video: number): Float64Array {
    const all = new Float64Array(this.#likes);
    const column = columnOf(this.#parts.videos, video);
    if (column < 0 || this.#count === 0) return all;
    const sparse = this.#sparseContributions(column);
    const plain = this.#factorContributions(this.#factorsOf(column));
    for (let p = 0; p < this.#count; p++) {
      const factor = (plain[p] as number) / this.#remainder(p, plain[p] as number);
      all[this.#origins[p] as number] = (sparse[p] as number) + factor;
    }
    return all;
  }

  similar(video: number, visit: (video: number, similarity: number) => void): void {
    const { offsets, targets, similarities, videos } = this.#parts;
    const column = columnOf(videos, video);
    if (column < 0) return;
    const [start, end] = [offsets[column] as number, offsets[column + 1] as number];
    const order = Array.from({ length: end - start }, (_, k) => start + k).toSorted(
      (a, b) => (similarities[b] as number) - (similarities[a] as number) || a - b,
    );
    for (const at of order) {
      visit(videos[targets[at] as number] as number, (similarities[at] as number) / 0xffff);
    }
  }

  support(video: number): number {
    const column = columnOf(this.#parts.videos, video);
    return column < 0 ? 0 : (this.#parts.counts[column] as number);
  }

  /**
   * Where in the likes the loudest is of which some part speaks for a score, among
   * those that are not of a column, if that is not -1.
   * @param plain What {@link #factorContributions} found.
   */
  #loudest(sparse: Float64Array, plain: Float64Array, except: number): number {
    // The divisor that is left out makes a contribution larger, and never turns it.
    const left = Float64Array.from(sparse, (one, p) =>
      this.#columns[p] === except ? -Infinity : one + (plain[p] as number),
    );
    for (let tried = 0; tried < this.#count; tried++) {
      let best = 0;
      for (let p = 1; p < this.#count; p++) {
        if ((left[p] as number) > (left[best] as number)) best = p;
      }
      if (left[best] === -Infinity) break;
      const exact = (plain[best] as number) / this.#remainder(best, plain[best] as number);
      if ((sparse[best] as number) + exact > 0) return this.#origins[best] as number;
      left[best] = -Infinity;
    }
    return -1;
  }

  /** Takes over the likes of which the model knows something. */
  #take(likes: readonly WeightedVideo[]): void {
    const { videos, scales } = this.#parts;
    this.#count = 0;
    this.#hasRests = false;
    this.#likes = likes.length;
    for (const [index, { video, weight }] of likes.entries()) {
      if (this.#count === MAX_LIKES) break;
      const column = columnOf(videos, video);
      if (column < 0 || weight === 0) continue;
      const p = this.#count++;
      this.#columns[p] = column;
      this.#confidences[p] = scales.unit * (weight > 0 ? weight : -DISLIKE * weight);
      this.#targets[p] = weight > 0 ? 1 : -1;
      this.#origins[p] = index;
    }
  }

  #addWeights(): void {
    const { offsets, targets, weights, scales } = this.#parts;
    const scores = this.#scores;
    for (let p = 0; p < this.#count; p++) {
      const column = this.#columns[p] as number;
      const factor =
        scales.sparse * (this.#confidences[p] as number) * (this.#targets[p] as number);
      const end = offsets[column + 1] as number;
      for (let at = offsets[column] as number; at < end; at++) {
        const target = targets[at] as number;
        scores[target] = (scores[target] as number) + factor * (weights[at] as number);
      }
    }
  }

  /** What the sparse part adds for each column that was folded in. */
  #sparseContributions(to: number): Float64Array {
    const { offsets, targets, weights, scales } = this.#parts;
    const found = new Float64Array(this.#count);
    for (let p = 0; p < this.#count; p++) {
      const column = this.#columns[p] as number;
      const end = offsets[column + 1] as number;
      const at = placeOf(targets, to, offsets[column] as number, end);
      const factor =
        scales.sparse * (this.#confidences[p] as number) * (this.#targets[p] as number);
      if (at >= 0) found[p] = factor * (weights[at] as number);
    }
    return found;
  }

  /**
   * What each column that was folded in adds to the factors' part, but for one
   * divisor, from 0 to 1: see {@link #remainder}. With A the matrix of the solve,
   * leaving row p out changes x·y_j by exactly
   *
   *     c_p (t_p − x·y_p) (y_pᵀ A⁻¹ y_j) / (1 − c_p y_pᵀ A⁻¹ y_p)
   */
  #factorContributions(to: Float32Array): Float64Array {
    const found = new Float64Array(this.#count);
    if (this.#solver === undefined) return found;
    if (!this.#hasRests) this.#findRests(this.#solver);
    this.#invert(this.#solver, to);
    const d = this.#vector.length;
    for (let p = 0; p < this.#count; p++) {
      const row = this.#rowAt(this.#columns[p] as number);
      found[p] = (this.#rests[p] as number) * this.#kernels.dot(row, this.#vectorAt, d);
    }
    return found;
  }

  #findRests(solver: RowSolver): void {
    const d = this.#vector.length;
    for (let p = 0; p < this.#count; p++) {
      const row = this.#rowAt(this.#columns[p] as number);
      const rest = (this.#targets[p] as number) - this.#kernels.dot(row, solver.solution, d);
      this.#rests[p] = this.#parts.scales.factors * (this.#confidences[p] as number) * rest;
    }
    this.#hasRests = true;
  }

  /** How much of row p is not explained by itself: above 0, at most 1. */
  #remainder(p: number, contribution: number): number {
    if (this.#solver === undefined || contribution === 0) return 1;
    const column = this.#columns[p] as number;
    this.#invert(this.#solver, this.#factorsOf(column));
    const own = this.#kernels.dot(this.#rowAt(column), this.#vectorAt, this.#vector.length);
    return Math.max(1e-6, 1 - (this.#confidences[p] as number) * own);
  }

  /** A⁻¹ y, into the vector. */
  #invert(solver: RowSolver, factors: Float32Array): void {
    this.#vector.set(factors);
    solver.invert(this.#vectorAt);
  }

  #factorsOf(column: number): Float32Array {
    const d = this.#vector.length;
    return this.#parts.factors.subarray(column * d, (column + 1) * d);
  }

  #rowAt(column: number): number {
    return this.#factorsAt + 4 * column * this.#vector.length;
  }
}

function sizesOf(parts: ModelParts): { items: number; d: number } {
  return { items: parts.videos.length, d: parts.dimensions };
}

/** The place of a number in a part of an array that is in ascending order; -1 if it is not there. */
function placeOf(array: Uint32Array, number: number, start: number, end: number): number {
  let [low, high] = [start, end - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = array[middle] as number;
    if (found === number) return middle;
    if (found < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
