import { Arena, padded } from "./kernels/arena.ts";
import type { Kernels } from "./kernels/kernels.ts";

/** So many rows are gathered at once; what has more is added up piece by piece. */
const PIECE = 256;
const MAX_DIMENSIONS = 256;
/** So many vectors {@link RowSolver.leverages} takes at once. */
export const MAX_VECTORS = 16;

/** How strongly each row of an equation counts, and what it should come to. */
export interface Observations {
  /** Where the numbers of the rows are: 32-bit, in the shared memory. */
  readonly columns: number;
  readonly count: number;
  /** Above 0 for each. */
  readonly confidences: ArrayLike<number>;
  /** Default: 1 for each. */
  readonly targets?: ArrayLike<number>;
}

/**
 * Solves for the factors of a user, given those of the items, or the other way
 * round: the x that minimizes
 *
 *     Σ_p c_p (t_p − x·y_p)² + Σ_k base_k x_k²
 *
 * where `base` is what everything that was not observed, and the penalty, add up
 * to: diagonal, because the factors y have been rotated so. With fewer rows than
 * dimensions the dual is solved, (Y base⁻¹ Yᵀ + C⁻¹) α = t and x = base⁻¹ Yᵀ α,
 * which is of the size of the rows (Woodbury's identity): most users have few.
 */
export class RowSolver {
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #dimensions: number;
  readonly #factors: number;
  readonly #rows: number;
  readonly #matrix: number;
  readonly #root: number;
  readonly #ones: number;
  readonly #side: number;
  readonly #vectors: number;
  /** The numbers from 0 up. */
  readonly #sequence: number;
  readonly #piece: number;
  readonly #base: Float64Array;
  #solved: Observations = { columns: 0, count: 0, confidences: [] };
  #isDual = false;
  /** Of the dual, what the rows are combined by. */
  readonly #alphas = new Float32Array(MAX_DIMENSIONS);
  /** The pointer of the solution. */
  readonly solution: number;

  /** How many 32-bit elements of memory one needs. */
  static scratch(dimensions: number): number {
    return (PIECE + MAX_VECTORS + 4 + dimensions) * dimensions + PIECE + MAX_VECTORS;
  }

  /**
   * @param dimensions A multiple of four, at most 256.
   * @param factors The pointer of the rows y.
   * @param scratch As many elements as {@link RowSolver.scratch} says.
   */
  constructor(
    arena: Arena,
    kernels: Kernels,
    dimensions: number,
    factors: number,
    scratch: number,
  ) {
    this.#arena = arena;
    this.#kernels = kernels;
    this.#dimensions = dimensions;
    this.#factors = factors;
    const room = new Arena(arena.memory, scratch);
    this.#rows = room.alloc(PIECE * dimensions);
    this.#matrix = room.alloc(dimensions * dimensions);
    this.#root = room.alloc(dimensions);
    this.#ones = room.alloc(dimensions);
    this.solution = room.alloc(dimensions);
    this.#piece = room.alloc(dimensions);
    this.#side = room.alloc(PIECE);
    this.#vectors = room.alloc(MAX_VECTORS * dimensions);
    this.#sequence = room.alloc(MAX_VECTORS);
    arena.u32(this.#sequence, MAX_VECTORS).set(Array.from({ length: MAX_VECTORS }, (_, k) => k));
    arena.f32(this.#ones, dimensions).fill(1);
    this.#base = new Float64Array(dimensions);
  }

  /** What the dimensions are weighted with from now on: above 0 for each. */
  setBase(base: ArrayLike<number>): void {
    const root = this.#arena.f32(this.#root, this.#dimensions);
    for (let k = 0; k < this.#dimensions; k++) {
      this.#base[k] = base[k] as number;
      root[k] = 1 / Math.sqrt(base[k] as number);
    }
  }

  /**
   * Solves; what came out is at {@link solution}. The observations must stay as they
   * are for {@link leverages} and {@link rests}.
   */
  solve(observations: Observations): void {
    this.#solved = observations;
    this.#isDual = observations.count <= this.#dimensions;
    if (this.#isDual) this.#solveDual(observations);
    else this.#solvePrimal(observations);
  }

  /**
   * What the solution leaves of each target, t_p − x·y_p. In the dual that is α_p / c_p,
   * because (Y base⁻¹ Yᵀ) α = t − C⁻¹ α.
   *
   * @param into Gets an element for each observation.
   */
  rests(into: Float64Array): void {
    const { columns, count, confidences, targets } = this.#solved;
    if (this.#isDual) {
      for (let p = 0; p < count; p++) {
        into[p] = (this.#alphas[p] as number) / (confidences[p] as number);
      }
      return;
    }
    const d = this.#dimensions;
    const numbers = this.#arena.u32(columns, count);
    for (let p = 0; p < count; p++) {
      const y = this.#factors + 4 * (numbers[p] as number) * d;
      const target = targets === undefined ? 1 : (targets[p] as number);
      into[p] = target - this.#kernels.dot(y, this.solution, d);
    }
  }

  /**
   * How much each observation of the last {@link solve} bears on what the solution
   * says of some rows v: with A the matrix of the equation,
   *
   *     c_p y_pᵀ A⁻¹ v
   *
   * which for v = y_p is the leverage of p in the sense of statistics, from 0 to 1.
   * In the dual that is one small solve, because c_p y_pᵀ A⁻¹ = e_pᵀ (K + C⁻¹)⁻¹ Y base⁻¹.
   *
   * @param vectors The pointer of the rows.
   * @param width How many there are, a multiple of four, at most {@link MAX_VECTORS}.
   * @param out The pointer of what gets a row of `width` elements for each observation,
   * of which there is room for a multiple of four.
   */
  leverages(vectors: number, width: number, out: number): void {
    const d = this.#dimensions;
    const kernels = this.#kernels;
    const { columns, count, confidences } = this.#solved;
    if (this.#isDual) {
      kernels.gather(vectors, this.#sequence, width, d, this.#root, this.#vectors);
      const n = padded(count);
      kernels.products(this.#rows, n, this.#vectors, width, d, out, width, 0);
      kernels.solveAll(this.#matrix, n, n, out, width);
      return;
    }
    this.#turn(vectors, width);
    kernels.solveAll(this.#matrix, d, d, this.#vectors, width);
    const numbers = this.#arena.u32(columns, count);
    const found = this.#arena.f32(out, count * width);
    for (let p = 0; p < count; p++) {
      const y = this.#factors + 4 * (numbers[p] as number) * d;
      kernels.combine(this.#vectors, y, d, width, out + 4 * p * width);
      for (let j = p * width; j < (p + 1) * width; j++) {
        found[j] = (confidences[p] as number) * (found[j] as number);
      }
    }
  }

  /** Has some rows as columns. */
  #turn(vectors: number, width: number): void {
    const d = this.#dimensions;
    const from = this.#arena.f32(vectors, width * d);
    const to = this.#arena.f32(this.#vectors, width * d);
    for (let j = 0; j < width; j++) {
      for (let k = 0; k < d; k++) to[k * width + j] = from[j * d + k] as number;
    }
  }

  #solveDual({ columns, count, confidences, targets }: Observations): void {
    const d = this.#dimensions;
    const kernels = this.#kernels;
    const n = padded(count);
    const solution = this.#arena.f32(this.solution, d);
    if (count === 0) {
      solution.fill(0);
      return;
    }
    kernels.gather(this.#factors, columns, count, d, this.#root, this.#rows);
    this.#arena.f32(this.#rows + 4 * count * d, (n - count) * d).fill(0);
    kernels.products(this.#rows, n, this.#rows, n, d, this.#matrix, n, 1);
    const matrix = this.#arena.f32(this.#matrix, n * n);
    const side = this.#arena.f32(this.#side, n);
    side.fill(0, count);
    for (let p = 0; p < count; p++) {
      const at = p * n + p;
      matrix[at] = (matrix[at] as number) + 1 / (confidences[p] as number);
      side[p] = targets === undefined ? 1 : (targets[p] as number);
    }
    kernels.cholesky(this.#matrix, n, n);
    kernels.solve(this.#matrix, n, n, this.#side);
    this.#alphas.set(side.subarray(0, count));
    kernels.combine(this.#rows, this.#side, n, d, this.solution);
    const root = this.#arena.f32(this.#root, d);
    for (let k = 0; k < d; k++) solution[k] = (solution[k] as number) * (root[k] as number);
  }

  #solvePrimal({ columns, count, confidences, targets }: Observations): void {
    const d = this.#dimensions;
    const kernels = this.#kernels;
    const matrix = this.#arena.f32(this.#matrix, d * d);
    const solution = this.#arena.f32(this.solution, d);
    const piece = this.#arena.f32(this.#piece, d);
    const side = this.#arena.f32(this.#side, PIECE);
    matrix.fill(0);
    solution.fill(0);
    for (let k = 0; k < d; k++) matrix[k * d + k] = this.#base[k] as number;
    for (let from = 0; from < count; from += PIECE) {
      const length = Math.min(PIECE, count - from);
      kernels.gather(this.#factors, columns + 4 * from, length, d, this.#ones, this.#rows);
      for (let p = 0; p < length; p++) side[p] = Math.sqrt(confidences[from + p] as number);
      kernels.scale(this.#rows, length, d, this.#side);
      kernels.addGram(this.#rows, length, d, this.#matrix);
      if (targets !== undefined) {
        for (let p = 0; p < length; p++) {
          side[p] = (side[p] as number) * (targets[from + p] as number);
        }
      }
      kernels.combine(this.#rows, this.#side, length, d, this.#piece);
      for (let k = 0; k < d; k++) solution[k] = (solution[k] as number) + (piece[k] as number);
    }
    kernels.cholesky(this.#matrix, d, d);
    kernels.solve(this.#matrix, d, d, this.solution);
  }
}
