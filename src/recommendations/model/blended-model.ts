import { Contributions } from "./contributions.ts";
import { FoldedIn } from "./folded-in.ts";
import { Arena, padded } from "./kernels/arena.ts";
import { openKernels, type Kernels } from "./kernels/kernels.ts";
import type { SharedMemory } from "./kernels/webassembly.ts";
import { decodeModel, modelLength, type ModelParts } from "./model-file.ts";
import {
  MAX_LIKES,
  type Mixture,
  type Model,
  type ModelInfo,
  type WeightedVideo,
} from "./model.ts";
import { QuantizedRows } from "./quantized-rows.ts";
import { RowSolver } from "./row-solver.ts";

/** What a sum of single precision may lose, as a share of it: more than that. */
const SINGLE_ROUNDING = 1e-6;

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
  readonly #folded: FoldedIn;
  readonly #contributions: Contributions;
  /** Without factors, the columns that have a score, in ascending order. */
  #candidates = new Uint32Array(0);

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
    const columns = arena.alloc(MAX_LIKES);
    const contributions = arena.alloc(Contributions.room(items, d));
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
    this.#vector = arena.f32(this.#vectorAt, d);
    this.#folded = new FoldedIn(arena, columns, parts.scales);
    if (d > 0) {
      this.#solver = new RowSolver(arena, this.#kernels, d, parts.factorsAt, scratch);
      this.#solver.setBase(parts.base);
      const room = new Arena(memory, quantized);
      this.#rows = new QuantizedRows(room, this.#kernels, parts.factors, d);
    }
    this.#solution = arena.f32(this.#solver?.solution ?? this.#vectorAt, d);
    this.#contributions = new Contributions(
      new Arena(memory, contributions),
      this.#kernels,
      parts,
      this.#solver,
      this.#folded,
    );
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
    this.#folded.take(likes, (video) => this.columnOf(video));
    this.#contributions.forget();
    if (this.#folded.count === 0) {
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
    const { columnsAt: columns, count, confidences, targets } = this.#folded;
    this.#solver.solve({ columns, count, confidences, targets });
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

  because(mixtures: readonly Mixture[], except: readonly number[]): number[] {
    return this.#contributions.because(mixtures, except);
  }

  contributions(mixture: Mixture): Float64Array {
    return this.#contributions.of(mixture);
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

  /**
   * Without factors: looks only at what the likes speak for, which in a large
   * catalog is hardly any of it.
   */
  #scoreCandidates(
    visit: (video: number, score: number) => number,
    accepts: (video: number) => boolean,
  ): void {
    const { videos } = this.#parts;
    this.#candidates = this.#candidatesOf(this.#folded.columns.subarray(0, this.#folded.count));
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
    const { columns, count } = this.#folded;
    for (let p = 0; p < count; p++) {
      const column = columns[p] as number;
      const factor = this.#folded.factorOf(p);
      this.#kernels.spread(offsetsAt, targetsAt, weights.byteOffset, column, factor, this.#sumsAt);
    }
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
