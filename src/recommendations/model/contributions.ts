import type { FoldedIn } from "./folded-in.ts";
import { padded, type Arena } from "./kernels/arena.ts";
import type { Kernels } from "./kernels/kernels.ts";
import type { ModelParts } from "./model-file.ts";
import { MAX_LIKES, MAX_PARTS, type Mixture } from "./model.ts";
import { MAX_VECTORS, type RowSolver } from "./row-solver.ts";

/** Columns that mixtures which are looked at together can have in all. */
const MAX_COLUMNS = MAX_VECTORS * MAX_PARTS;
/** Remainders that are found at once. */
const REMAINDERS = 4;
/** Of a remainder that was not asked for yet. */
const UNKNOWN = -1;

/**
 * What each like adds to the scores of a blended model: to the sparse part, its
 * weight; to the factors' part, with A the matrix of the solve, by what leaving row p
 * out lowers x·y_j exactly:
 *
 *     c_p (t_p − x·y_p) (y_pᵀ A⁻¹ y_j) / (1 − c_p y_pᵀ A⁻¹ y_p)
 *
 * Both are linear in what they add to, so that they are found for weighted sums of
 * videos; for several of them at once, because most of the time goes into what they
 * have in common.
 */
export class Contributions {
  readonly #kernels: Kernels;
  readonly #parts: ModelParts;
  readonly #solver: RowSolver | undefined;
  readonly #folded: FoldedIn;
  /** For each column, which row of what is mixed is its; 0 for none. */
  readonly #marksAt: number;
  readonly #marks: Uint16Array;
  /** For each such row, how much of that column is in each mixture. */
  readonly #mixAt: number;
  readonly #mix: Float32Array;
  /** What the mixtures are of factors, one after the other. */
  readonly #vectorsAt: number;
  readonly #vectors: Float32Array;
  /** For each like, its part in each mixture: weights of the sparse matrix, and leverages. */
  readonly #weightsAt: number;
  readonly #weights: Float32Array;
  readonly #leveragesAt: number;
  readonly #leverages: Float32Array;
  /** The same for what some of the likes are of factors. */
  readonly #ownVectorsAt: number;
  readonly #ownVectors: Float32Array;
  readonly #ownAt: number;
  readonly #own: Float32Array;
  /** Both parts together, but for the divisor. */
  readonly #totals = new Float64Array(MAX_LIKES * MAX_VECTORS);
  /** What the factors leave of each target, and how much of it is not explained by itself. */
  readonly #rests = new Float64Array(MAX_LIKES);
  readonly #remainders = new Float64Array(MAX_LIKES);
  #hasRests = false;
  /** The columns that are marked. */
  readonly #marked: number[] = [];
  #width = 0;

  /** How many 32-bit elements of memory one needs. */
  static room(items: number, dimensions: number): number {
    return (
      padded(Math.ceil(items / 2)) +
      (1 + MAX_COLUMNS + 2 * MAX_LIKES) * MAX_VECTORS +
      MAX_LIKES * REMAINDERS +
      (MAX_VECTORS + REMAINDERS) * dimensions
    );
  }

  /**
   * @param room has as many elements as {@link Contributions.room} says.
   * @param solver has solved for the likes that were folded in last; undefined without factors.
   */
  constructor(
    room: Arena,
    kernels: Kernels,
    parts: ModelParts,
    solver: RowSolver | undefined,
    folded: FoldedIn,
  ) {
    this.#kernels = kernels;
    this.#parts = parts;
    this.#solver = solver;
    this.#folded = folded;
    const items = parts.videos.length;
    this.#marksAt = room.alloc(Math.ceil(items / 2));
    this.#mixAt = room.alloc((1 + MAX_COLUMNS) * MAX_VECTORS);
    this.#vectorsAt = room.alloc(MAX_VECTORS * parts.dimensions);
    this.#weightsAt = room.alloc(MAX_LIKES * MAX_VECTORS);
    this.#leveragesAt = room.alloc(MAX_LIKES * MAX_VECTORS);
    this.#ownVectorsAt = room.alloc(REMAINDERS * parts.dimensions);
    this.#ownAt = room.alloc(MAX_LIKES * REMAINDERS);
    this.#marks = new Uint16Array(room.memory.buffer, this.#marksAt, items).fill(0);
    this.#mix = room.f32(this.#mixAt, (1 + MAX_COLUMNS) * MAX_VECTORS);
    this.#vectors = room.f32(this.#vectorsAt, MAX_VECTORS * parts.dimensions);
    this.#weights = room.f32(this.#weightsAt, MAX_LIKES * MAX_VECTORS);
    // What others left there may be no numbers, and without factors nothing is written there.
    this.#leverages = room.f32(this.#leveragesAt, MAX_LIKES * MAX_VECTORS).fill(0);
    this.#ownVectors = room.f32(this.#ownVectorsAt, REMAINDERS * parts.dimensions);
    this.#own = room.f32(this.#ownAt, MAX_LIKES * REMAINDERS);
  }

  /** Others were folded in. */
  forget(): void {
    this.#hasRests = false;
  }

  /** As {@link Model.because}. */
  because(mixtures: readonly Mixture[], except: readonly number[]): number[] {
    if (this.#folded.count === 0) return mixtures.map(() => -1);
    const found: number[] = [];
    for (let from = 0; from < mixtures.length; from += MAX_VECTORS) {
      const some = mixtures.slice(from, from + MAX_VECTORS);
      this.#find(some);
      this.#addUp();
      for (const j of some.keys()) found.push(this.#loudest(j, except[from + j] ?? -1));
    }
    return found;
  }

  /** As {@link Model.contributions}. */
  of(mixture: Mixture): Float64Array {
    const { count, given, origins } = this.#folded;
    const all = new Float64Array(given);
    if (count === 0) return all;
    this.#find([mixture]);
    for (let p = 0; p < count; p++) all[origins[p] as number] = this.#contribution(p, 0);
    return all;
  }

  /**
   * Where in the likes the loudest is that speaks for a mixture, but for one of them.
   * The divisor that is left out of what was found makes a contribution louder, and
   * may turn it only where its two parts are at odds.
   */
  #loudest(j: number, except: number): number {
    const { count, origins } = this.#folded;
    const [totals, width] = [this.#totals, this.#width];
    for (let tried = 0; tried < count; tried++) {
      let best = -1;
      let highest = -Infinity;
      for (let p = 0; p < count; p++) {
        const total = totals[p * width + j] as number;
        if (total > highest && origins[p] !== except) [best, highest] = [p, total];
      }
      if (best < 0) break;
      if (this.#speaks(best, j)) return origins[best] as number;
      totals[best * width + j] = -Infinity;
    }
    return -1;
  }

  /** Whether mixture j would score less without row p. */
  #speaks(p: number, j: number): boolean {
    const [sparse, plain] = [this.#sparse(p, j), this.#plain(p, j)];
    if (sparse >= 0 && plain >= 0) return sparse + plain > 0;
    return this.#contribution(p, j) > 0;
  }

  /** What was found for row p and mixture j, in all. */
  #contribution(p: number, j: number): number {
    const plain = this.#plain(p, j);
    return this.#sparse(p, j) + (plain === 0 ? 0 : plain / this.#remainder(p));
  }

  /** Adds the two parts of what was found up. */
  #addUp(): void {
    const { count } = this.#folded;
    const width = this.#width;
    const [weights, leverages, totals] = [this.#weights, this.#leverages, this.#totals];
    for (let p = 0; p < count; p++) {
      const factor = this.#folded.factorOf(p);
      const rest = this.#solver === undefined ? 0 : (this.#rests[p] as number);
      for (let at = p * width; at < (p + 1) * width; at++) {
        totals[at] = factor * (weights[at] as number) + rest * (leverages[at] as number);
      }
    }
  }

  /** What row p adds to the sparse part of mixture j. */
  #sparse(p: number, j: number): number {
    return this.#folded.factorOf(p) * (this.#weights[p * this.#width + j] as number);
  }

  /** What it adds to the factors' part, but for the divisor. */
  #plain(p: number, j: number): number {
    if (this.#solver === undefined) return 0;
    return (this.#rests[p] as number) * (this.#leverages[p * this.#width + j] as number);
  }

  /** Finds the parts of all likes in some mixtures, at most {@link MAX_VECTORS}. */
  #find(mixtures: readonly Mixture[]): void {
    const { offsets, targets, weights } = this.#parts;
    const { columnsAt, count } = this.#folded;
    this.#width = padded(mixtures.length);
    this.#mark(mixtures);
    this.#kernels.multiply(
      offsets.byteOffset,
      targets.byteOffset,
      weights.byteOffset,
      columnsAt,
      count,
      this.#marksAt,
      this.#mixAt,
      this.#width,
      this.#weightsAt,
    );
    for (const column of this.#marked) this.#marks[column] = 0;
    this.#marked.length = 0;
    if (this.#solver === undefined) return;
    if (!this.#hasRests) this.#findRests(this.#solver);
    this.#addVectors(mixtures);
    this.#solver.leverages(this.#vectorsAt, this.#width, this.#leveragesAt);
  }

  /** Gives each column of the mixtures a row with its weight in each of them. */
  #mark(mixtures: readonly Mixture[]): void {
    const [marks, mix, width] = [this.#marks, this.#mix, this.#width];
    for (const [j, mixture] of mixtures.entries()) {
      for (const { column, weight } of mixture) {
        let row = marks[column] as number;
        if (row === 0) {
          row = this.#marked.push(column);
          marks[column] = row;
          mix.fill(0, row * width, (row + 1) * width);
        }
        mix[row * width + j] = (mix[row * width + j] as number) + weight;
      }
    }
  }

  /** Adds up what the mixtures are of factors. */
  #addVectors(mixtures: readonly Mixture[]): void {
    const { factors, dimensions: d } = this.#parts;
    const vectors = this.#vectors.fill(0, 0, this.#width * d);
    for (const [j, mixture] of mixtures.entries()) {
      for (const { column, weight } of mixture) {
        for (let k = 0; k < d; k++) {
          const at = j * d + k;
          vectors[at] = (vectors[at] as number) + weight * (factors[column * d + k] as number);
        }
      }
    }
  }

  #findRests(solver: RowSolver): void {
    const { count } = this.#folded;
    solver.rests(this.#rests);
    for (let p = 0; p < count; p++) {
      this.#rests[p] = this.#parts.scales.factors * (this.#rests[p] as number);
    }
    this.#remainders.fill(UNKNOWN, 0, count);
    this.#hasRests = true;
  }

  /** How much of row p is not explained by itself: above 0, at most 1. */
  #remainder(p: number): number {
    if (this.#remainders[p] === UNKNOWN) this.#findRemainders(p - (p % REMAINDERS));
    return this.#remainders[p] as number;
  }

  #findRemainders(from: number): void {
    const { factors, dimensions: d } = this.#parts;
    const { count, columns } = this.#folded;
    const end = Math.min(from + REMAINDERS, count);
    this.#ownVectors.fill(0);
    for (let p = from; p < end; p++) {
      const row = (columns[p] as number) * d;
      this.#ownVectors.set(factors.subarray(row, row + d), (p - from) * d);
    }
    this.#solver?.leverages(this.#ownVectorsAt, REMAINDERS, this.#ownAt);
    for (let p = from; p < end; p++) {
      const leverage = this.#own[p * REMAINDERS + p - from] as number;
      this.#remainders[p] = Math.max(1e-6, 1 - leverage);
    }
  }
}
