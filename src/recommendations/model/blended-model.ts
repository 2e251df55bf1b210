import { Arena, padded } from "./kernels/arena.ts";
import { openKernels, type Kernels } from "./kernels/kernels.ts";
import type { SharedMemory } from "./kernels/webassembly.ts";
import { decodeModel, modelLength, type ModelParts } from "./model-file.ts";
import {
  MAX_LIKES,
  type Model,
  type ModelInfo,
  type WeightedColumn,
  type WeightedVideo,
} from "./model.ts";
import { QuantizedRows } from "./quantized-rows.ts";
import { RowSolver } from "./row-solver.ts";

/**
 * How much a dislike counts of what a like of the same weight does: enough to
 * lower what is similar, and little, because people read more of what they are
 * interested in even if they did not like it. On ratings of books of 1 and 2, 0.1
 * takes 0.003 away from NDCG@100, and 0.25 twice that.
 */
const DISLIKE = 0.1;

/** What a sum of single precision may lose, as a share of it: more than that. */
const SINGLE_ROUNDING = 1e-6;

/** Of a remainder that was not asked for yet. */
const UNKNOWN = -1;

/**
 * Scores by a sparse linear model and by factors:
 *
 *     score(j) = a Σ_i w_i B_ij + b x·y_j
 *
 * where w are the weights of the viewer's likes, B is the ridge over neighbours
 * (learning/ridge.ts), and x the factors that fit the likes best, found by one
 * solve (row-solver.ts), in which a like should come to 1 and a dislike to -1. The
 * shares a and b are the same for everybody, so that all is made of
 * contributions. With factors each call scans all items, in 16 bits, and finds the
 * exact scores of those that may be high enough; without, it touches the
 * neighbours of the likes only.
 */
export class BlendedModel implements Model {
  readonly info: ModelInfo;
  readonly #memory: SharedMemory;
  readonly #parts: ModelParts;
  readonly #kernels: Kernels;
  readonly #solver: RowSolver | undefined;
  /** The column of each video, plus 1; 0 for those that are not known. */
  readonly #columnsOfVideos: Uint32Array;
  readonly #factorsAt: number;
  /** The factors as they are scanned. */
  readonly #rows: QuantizedRows | undefined;
  /** What the sparse part comes to for each item, and all together, nearly. */
  readonly #sumsAt: number;
  readonly #scoresAt: number;
  readonly #vectorAt: number;
  readonly #sums: Float32Array;
  readonly #scores: Float32Array;
  readonly #vector: Float32Array;
  readonly #solution: Float32Array;
  readonly #columnsAt: number;
  readonly #pickedAt: number;
  readonly #picked: Float32Array;
  readonly #columns: Uint32Array;
  /** A mixture, by columns; 0 between calls. */
  readonly #mixedAt: number;
  readonly #mixed: Float32Array;
  /** Without factors, the columns that have a score, in ascending order. */
  #candidates = new Uint32Array(0);
  readonly #confidences = new Float64Array(MAX_LIKES);
  readonly #targets = new Float64Array(MAX_LIKES);
  /** Where in the likes each column is from. */
  readonly #origins = new Uint32Array(MAX_LIKES);
  /** What the factors leave of each target; valid when {@link #hasRests}. */
  readonly #rests = new Float64Array(MAX_LIKES);
  /** What {@link #remainder} said of each since then. */
  readonly #remainders = new Float64Array(MAX_LIKES);
  #hasRests = false;
  /** What {@link #contribute} found. */
  readonly #sparse = new Float64Array(MAX_LIKES);
  readonly #plain = new Float64Array(MAX_LIKES);
  readonly #leverages = new Float64Array(MAX_LIKES);
  readonly #left = new Float64Array(MAX_LIKES);
  #count = 0;
  #likes = 0;

  /** @param memory Its beginning has the bytes of a model; what is behind them is taken. */
  constructor(memory: SharedMemory) {
    this.#memory = memory;
    const arena = new Arena(memory, modelLength(memory));
    const { items, d } = sizesOf(decodeModel(memory));
    const quantized = arena.end;
    arena.alloc(d === 0 ? 0 : QuantizedRows.room(padded(items), d));
    this.#sumsAt = arena.alloc(padded(items));
    this.#scoresAt = d === 0 ? this.#sumsAt : arena.alloc(padded(items));
    this.#vectorAt = arena.alloc(d);
    this.#columnsAt = arena.alloc(MAX_LIKES);
    this.#pickedAt = arena.alloc(MAX_LIKES);
    this.#mixedAt = arena.alloc(padded(items));
    const scratch = arena.alloc(d === 0 ? 0 : RowSolver.scratch(d));
    // From here on the memory does not grow any more.
    const parts = decodeModel(memory);
    this.info = parts.info;
    this.#parts = parts;
    this.#columnsOfVideos = new Uint32Array((parts.videos.at(-1) ?? 0) + 1);
    for (const [column, video] of parts.videos.entries()) {
      this.#columnsOfVideos[video] = column + 1;
    }
    this.#factorsAt = parts.factorsAt;
    this.#kernels = openKernels(memory);
    this.#sums = arena.f32(this.#sumsAt, items);
    this.#scores = arena.f32(this.#scoresAt, items);
    // Another model may have been made of the same memory, in the training thread.
    this.#scores.fill(0);
    this.#mixed = arena.f32(this.#mixedAt, items).fill(0);
    this.#vector = arena.f32(this.#vectorAt, d);
    this.#columns = arena.u32(this.#columnsAt, MAX_LIKES);
    this.#picked = arena.f32(this.#pickedAt, MAX_LIKES);
    if (d > 0) {
      this.#solver = new RowSolver(arena, this.#kernels, d, parts.factorsAt, scratch);
      this.#solver.setBase(parts.base);
      const room = new Arena(memory, quantized);
      this.#rows = new QuantizedRows(room, this.#kernels, parts.factors, d);
    }
    this.#solution = arena.f32(this.#solver?.solution ?? this.#vectorAt, d);
  }

  /**
   * Does for a model what takes long the first time, so that the next one of the
   * same memory finds it done, in whichever thread.
   */
  static prepare(memory: SharedMemory): SharedMemory {
    return new BlendedModel(memory).#memory;
  }

  get size(): number {
    return this.#parts.videos.length;
  }

  columnOf(video: number): number {
    return (this.#columnsOfVideos[video] ?? 0) - 1;
  }

  videoOf(column: number): number {
    return this.#parts.videos[column] ?? 0;
  }

  score(
    likes: readonly WeightedVideo[],
    visit: (video: number, score: number) => number,
    accepts: (video: number) => boolean = () => true,
  ): void {
    const { videos } = this.#parts;
    this.#forget();
    this.#take(likes);
    if (this.#count === 0) {
      this.#scores.fill(0);
      return;
    }
    if (this.#solver === undefined) {
      this.#scoreCandidates(visit, accepts);
      return;
    }
    this.#sums.fill(0);
    this.#addWeights();
    const error = this.#scan();
    const count = padded(videos.length);
    let bar = -Infinity;
    for (let column = -1; ;) {
      const least = notAbove((bar - error) * (1 - SINGLE_ROUNDING));
      column = this.#kernels.next(this.#scoresAt, column + 1, count, least);
      if (column === count) return;
      const video = videos[column] as number;
      if (!accepts(video)) continue;
      const score = error === 0 ? (this.#scores[column] as number) : this.#exact(column);
      if (score >= bar && score > 0) bar = visit(video, score);
    }
  }

  /** Without factors, sets the scores of the last call back to 0; with them all are set anew. */
  #forget(): void {
    for (const column of this.#candidates) this.#scores[column] = 0;
    this.#candidates = new Uint32Array(0);
  }

  /** Scores all items; returns by how much any of these scores can be wrong. */
  #scan(): number {
    if (this.#solver === undefined || this.#rows === undefined) return 0;
    this.#solver.solve({
      columns: this.#columnsAt,
      count: this.#count,
      confidences: this.#confidences,
      targets: this.#targets,
    });
    const { factors } = this.#parts.scales;
    const d = this.#vector.length;
    for (let k = 0; k < d; k++) this.#vector[k] = factors * (this.#solution[k] as number);
    return this.#rows.scan(this.#vector, this.#sumsAt, this.#scoresAt);
  }

  #exact(column: number): number {
    const d = this.#vector.length;
    const product = this.#kernels.dot(this.#rowAt(column), this.#vectorAt, d);
    return (this.#sums[column] as number) + product;
  }

  scoreAt(column: number): number {
    return this.#scores[column] ?? 0;
  }

  forEachFrom(least: number, visit: (column: number, score: number) => void): void {
    const scores = this.#scores;
    if (this.#solver === undefined) {
      for (const column of this.#candidates) {
        const score = scores[column] as number;
        if (score > 0 && score >= least) visit(column, score);
      }
      return;
    }
    const count = padded(scores.length);
    const bar = notAbove(least);
    for (let column = -1; ;) {
      column = this.#kernels.next(this.#scoresAt, column + 1, count, bar);
      if (column === count) return;
      visit(column, scores[column] as number);
    }
  }

  because(video: number): number {
    const column = this.columnOf(video);
    if (column < 0 || this.#count === 0) return -1;
    this.#contribute(column);
    return this.#loudest(column);
  }

  becauseOf(mixture: readonly WeightedColumn[]): number {
    if (this.#count === 0) return -1;
    this.#contributeTo(mixture);
    return this.#loudest(-1);
  }

  contributionsOf(mixture: readonly WeightedColumn[]): Float64Array {
    const all = new Float64Array(this.#likes);
    if (this.#count === 0) return all;
    this.#contributeTo(mixture);
    for (let p = 0; p < this.#count; p++) {
      all[this.#origins[p] as number] = this.#contribution(p);
    }
    return all;
  }

  /**
   * Where in the likes the loudest is of which some part was found to speak for a
   * score, among those that are not of a column, if that is not -1.
   */
  #loudest(column: number): number {
    // The divisor that is left out makes a contribution larger, and never turns it.
    const left = this.#left;
    for (let p = 0; p < this.#count; p++) {
      const isItself = this.#columns[p] === column;
      left[p] = isItself ? -Infinity : (this.#sparse[p] as number) + (this.#plain[p] as number);
    }
    for (let tried = 0; tried < this.#count; tried++) {
      let best = 0;
      for (let p = 1; p < this.#count; p++) {
        if ((left[p] as number) > (left[best] as number)) best = p;
      }
      if (left[best] === -Infinity) break;
      if (this.#contribution(best) > 0) return this.#origins[best] as number;
      left[best] = -Infinity;
    }
    return -1;
  }

  contributions(video: number): Float64Array {
    const all = new Float64Array(this.#likes);
    const column = this.columnOf(video);
    if (column < 0 || this.#count === 0) return all;
    this.#contribute(column);
    for (let p = 0; p < this.#count; p++) {
      all[this.#origins[p] as number] = this.#contribution(p);
    }
    return all;
  }

  similar(video: number, visit: (video: number, similarity: number) => void): void {
    const { offsets, targets, similarities, videos } = this.#parts;
    const column = this.columnOf(video);
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
    const column = this.columnOf(video);
    return column < 0 ? 0 : (this.#parts.counts[column] as number);
  }

  /** Takes over the likes of which the model knows something. */
  #take(likes: readonly WeightedVideo[]): void {
    const { scales } = this.#parts;
    this.#count = 0;
    this.#hasRests = false;
    this.#likes = likes.length;
    for (const [index, { video, weight }] of likes.entries()) {
      if (this.#count === MAX_LIKES) break;
      const column = this.columnOf(video);
      if (column < 0 || weight === 0) continue;
      const p = this.#count++;
      this.#columns[p] = column;
      this.#confidences[p] = scales.unit * (weight > 0 ? weight : -DISLIKE * weight);
      this.#targets[p] = weight > 0 ? 1 : -1;
      this.#origins[p] = index;
    }
  }

  /**
   * Without factors: looks only at what the likes speak for, which in a large
   * catalog is hardly any of it.
   */
  #scoreCandidates(
    visit: (video: number, score: number) => number,
    accepts: (video: number) => boolean,
  ): void {
    const { videos } = this.#parts;
    this.#candidates = this.#candidatesOf(this.#columns.subarray(0, this.#count));
    this.#addWeights();
    let bar = -Infinity;
    for (const column of this.#candidates) {
      const score = this.#scores[column] as number;
      const video = videos[column] as number;
      if (score >= bar && score > 0 && accepts(video)) bar = visit(video, score);
    }
  }

  /** All targets of some rows, each once, in ascending order. */
  #candidatesOf(rows: Uint32Array): Uint32Array<ArrayBuffer> {
    const { offsets, targets } = this.#parts;
    let count = 0;
    for (const row of rows) count += (offsets[row + 1] as number) - (offsets[row] as number);
    const all = new Uint32Array(count);
    count = 0;
    for (const row of rows) {
      const own = targets.subarray(offsets[row], offsets[row + 1]);
      all.set(own, count);
      count += own.length;
    }
    all.sort();
    count = 0;
    for (const column of all) {
      if (count === 0 || all[count - 1] !== column) all[count++] = column;
    }
    return all.subarray(0, count);
  }

  #addWeights(): void {
    const { offsets, targets, weights } = this.#parts;
    const [offsetsAt, targetsAt] = [offsets.byteOffset, targets.byteOffset];
    for (let p = 0; p < this.#count; p++) {
      const column = this.#columns[p] as number;
      const factor = this.#factorOf(p);
      this.#kernels.spread(offsetsAt, targetsAt, weights.byteOffset, column, factor, this.#sumsAt);
    }
  }

  /** What the weights of row p are multiplied with in the sparse part. */
  #factorOf(p: number): number {
    const { sparse } = this.#parts.scales;
    return sparse * (this.#confidences[p] as number) * (this.#targets[p] as number);
  }

  /**
   * Finds what each column that was folded in adds to the score of another: to the
   * sparse part, and to the factors' part but for one divisor, from 0 to 1, see
   * {@link #remainder}. With A the matrix of the solve, leaving row p out lowers
   * x·y_j by exactly
   *
   *     c_p (t_p − x·y_p) (y_pᵀ A⁻¹ y_j) / (1 − c_p y_pᵀ A⁻¹ y_p)
   */
  #contribute(to: number): void {
    this.#pick(to);
    this.#addPicked();
    this.#contributeFactors(this.#rowAt(to));
  }

  /** The same for a weighted sum of videos: both parts are linear in what they add to. */
  #contributeTo(mixture: readonly WeightedColumn[]): void {
    const { offsets, targets, weights, factors } = this.#parts;
    const d = this.#vector.length;
    const [mixed, sum] = [this.#mixed, this.#vector.fill(0)];
    for (const { column, weight } of mixture) {
      mixed[column] = (mixed[column] as number) + weight;
      const row = column * d;
      for (let k = 0; k < d; k++) {
        sum[k] = (sum[k] as number) + weight * (factors[row + k] as number);
      }
    }
    this.#kernels.multiply(
      offsets.byteOffset,
      targets.byteOffset,
      weights.byteOffset,
      this.#columnsAt,
      this.#count,
      this.#mixedAt,
      this.#pickedAt,
    );
    for (const { column } of mixture) mixed[column] = 0;
    this.#addPicked();
    this.#contributeFactors(this.#vectorAt);
  }

  /** Takes over what was found for each row in the sparse part. */
  #addPicked(): void {
    for (let p = 0; p < this.#count; p++) {
      this.#sparse[p] = this.#factorOf(p) * (this.#picked[p] as number);
    }
  }

  /** Finds the weights of all columns that were folded in for one. */
  #pick(to: number): void {
    const { offsets, targets, weights } = this.#parts;
    this.#kernels.pick(
      offsets.byteOffset,
      targets.byteOffset,
      weights.byteOffset,
      this.#columnsAt,
      this.#count,
      to,
      this.#pickedAt,
    );
  }

  /** The factors' part, to a row by its pointer. */
  #contributeFactors(to: number): void {
    this.#plain.fill(0, 0, this.#count);
    if (this.#solver === undefined) return;
    if (!this.#hasRests) this.#findRests(this.#solver);
    this.#solver.leverages(to, this.#plain);
    for (let p = 0; p < this.#count; p++) {
      this.#plain[p] = (this.#plain[p] as number) * (this.#rests[p] as number);
    }
  }

  /** What was found for row p, in all. */
  #contribution(p: number): number {
    const plain = this.#plain[p] as number;
    return (this.#sparse[p] as number) + (plain === 0 ? 0 : plain / this.#remainder(p));
  }

  /** What the factors leave of the targets of the rows that were folded in. */
  #findRests(solver: RowSolver): void {
    solver.rests(this.#rests);
    for (let p = 0; p < this.#count; p++) {
      this.#rests[p] = this.#parts.scales.factors * (this.#rests[p] as number);
    }
    this.#remainders.fill(UNKNOWN, 0, this.#count);
    this.#hasRests = true;
  }

  /** How much of row p is not explained by itself: above 0, at most 1. */
  #remainder(p: number): number {
    const known = this.#remainders[p] as number;
    if (known !== UNKNOWN) return known;
    this.#solver?.leverages(this.#rowAt(this.#columns[p] as number), this.#leverages);
    const remainder = Math.max(1e-6, 1 - (this.#leverages[p] as number));
    this.#remainders[p] = remainder;
    return remainder;
  }

  #rowAt(column: number): number {
    return this.#factorsAt + 4 * column * this.#vector.length;
  }
}

function sizesOf(parts: ModelParts): { items: number; d: number } {
  return { items: parts.videos.length, d: parts.dimensions };
}

/** The number of single precision that is nearest to another and not above it, or next to that. */
function notAbove(number: number): number {
  const near = Math.fround(number);
  return near > number ? near - Math.abs(near) * 2 ** -23 : near;
}
