import { readFileSync } from "node:fs";
import { compile, instantiate, type Code, type SharedMemory } from "./webassembly.ts";

/**
 * What the kernels can do with rows of single-precision numbers in one memory.
 * Pointers are in bytes, multiples of 16; lengths are in elements, multiples of
 * four; what is beyond the end of a row, up to that multiple, is 0. Nothing is
 * checked. Of a symmetric matrix, the blocks of four by four on and below the
 * diagonal are read and written, no others.
 */
export interface Kernels {
  /** a · b. */
  dot(a: number, b: number, length: number): number;
  /** out[r] = rows[r] · x, for each of `count` rows, a multiple of four. */
  scan(rows: number, x: number, count: number, length: number, out: number): void;
  /**
   * out[r] = sums[r] + scale · scales[r] · (rows[r] · x), for each of `count` rows, a
   * multiple of four; rows and x are whole numbers of 16 bits, `length` is a multiple
   * of eight, and no sum of products may be beyond 32 bits. Of each block of four
   * rows, eight elements of each alternate.
   */
  scan16(
    rows: number,
    x: number,
    scales: number,
    scale: number,
    count: number,
    length: number,
    sums: number,
    out: number,
  ): void;
  /**
   * out[i][j] = a[i] · b[j], for counts that are multiples of four; the rows of
   * `out` are `outStride` elements apart. With `lower`, 1, only the blocks on and
   * below the diagonal.
   */
  products(
    a: number,
    aCount: number,
    b: number,
    bCount: number,
    length: number,
    out: number,
    outStride: number,
    lower: 0 | 1,
  ): void;
  /** out[a][b] += Σ_r rows[r][a] · rows[r][b], symmetric, `length` by `length`. */
  addGram(rows: number, count: number, length: number, out: number): void;
  /** out[p] = rows[columns[p]] ∘ weights, element by element; columns are 32-bit. */
  gather(
    rows: number,
    columns: number,
    count: number,
    length: number,
    weights: number,
    out: number,
  ): void;
  /** rows[p] = factors[p] · rows[p]. */
  scale(rows: number, count: number, length: number, factors: number): void;
  /** out = Σ_p factors[p] · rows[p]. */
  combine(rows: number, factors: number, count: number, length: number, out: number): void;
  /** out = α · a + β · b, element by element. */
  mix(a: number, alpha: number, b: number, beta: number, length: number, out: number): void;
  /**
   * Factors a symmetric positive definite matrix of n rows, a multiple of four, in
   * place: A = L·Lᵀ, with the diagonal of L inverted. A pivot that is not above 0
   * takes no part: its unknown is 0 in every solution. So are rows of zeros.
   */
  cholesky(a: number, n: number, stride: number): void;
  /** Solves A·x = b in place, with what {@link Kernels.cholesky} left of A. */
  solve(a: number, n: number, stride: number, b: number): void;
  /** The same for `width` right sides, a multiple of four: the columns of `b`. */
  solveAll(a: number, n: number, stride: number, b: number, width: number): void;
  /**
   * out[t] += factor · weight, for each target t and its weight in row i of a sparse
   * matrix, which has those from offsets[i] to offsets[i + 1]; targets and offsets
   * are 32-bit, and pointers of all three need not be multiples of 16.
   */
  spread(
    offsets: number,
    targets: number,
    weights: number,
    i: number,
    factor: number,
    out: number,
  ): void;
  /**
   * out[p] = Σ_t B[rows[p]][t] · mix[marks[t]], for each of `count` rows of a sparse
   * matrix B: of its targets that are marked, with 16-bit numbers above 0, by their
   * weights the rows of `mix`, of `width` elements, a multiple of four.
   */
  multiply(
    offsets: number,
    targets: number,
    weights: number,
    rows: number,
    count: number,
    marks: number,
    mix: number,
    width: number,
    out: number,
  ): void;
  /**
   * The first place from `from` on whose value is above 0 and not below a bar;
   * `count`, a multiple of four, if there is none.
   */
  next(values: number, from: number, count: number, bar: number): number;
}

/** Where `npm run build:kernels` puts them. */
export const KERNELS_FILE: URL = new URL("../../../../dist/kernels.wasm", import.meta.url);

let compiled: Code | undefined;

/**
 * The kernels on a shared memory.
 * @throws Error if they have not been built.
 */
export function openKernels(memory: SharedMemory): Kernels {
  compiled ??= compile(bytes());
  return instantiate(compiled, memory) as Kernels;
}

/**
 * Keeps the code of the kernels while this thread lives, before others compile it:
 * V8 has it once for all threads, and frees it with the last that uses it. In Node.js
 * 24, on processors with protection keys, freeing it while another thread makes code
 * can end the process: "Check failed: jit_page.has_value()".
 */
export function keepKernels(): void {
  compiled ??= compile(bytes());
}

function bytes(): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(KERNELS_FILE);
  } catch (error) {
    throw new Error("the kernels are not built: npm run build:kernels builds them", {
      cause: error,
    });
  }
}
