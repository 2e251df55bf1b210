import { padded, type Arena } from "./kernels/arena.ts";
import type { Kernels } from "./kernels/kernels.ts";

/** Elements of a row of 16-bit numbers come in eights. */
const LANES = 8;
/** Rows that are kept together, taking turns: see scan16 of the kernels. */
const BLOCK = 4;
/** Of what single precision loses, this is far more, as a share of a score. */
const ROUNDING = 1e-5;
/** Products of scales below what single precision has are lost: of 2^31 quanta, far less than this. */
const UNDERFLOW = 1e-30;
/** What stands before the rows: whether they are there, and the bounds. */
const HEAD = 4;

/**
 * Rows of factors as whole numbers of 16 bits with a scale for each row: half of
 * the bytes, and scans of many rows take as long as memory takes to bring them. A
 * scan is inexact, and tells how far off it can be at most, so that exact scores
 * need to be found only for what may be among the best.
 */
export class QuantizedRows {
  readonly #kernels: Kernels;
  readonly #dimensions: number;
  readonly #length: number;
  readonly #count: number;
  readonly #most: number;
  readonly #rowsAt: number;
  readonly #scalesAt: number;
  readonly #vectorAt: number;
  readonly #vector: Int16Array;
  /** Half of the largest scale, and the largest sum of absolute values of a row. */
  readonly #bounds: Float32Array;

  /**
   * Takes room from an arena, whose first word must be 0. Where a thread has made
   * one of the same rows in the same room before, nothing is left to do.
   *
   * @param factors Rows of `dimensions`, a multiple of four of them.
   */
  constructor(arena: Arena, kernels: Kernels, factors: Float32Array, dimensions: number) {
    this.#kernels = kernels;
    this.#dimensions = dimensions;
    this.#length = Math.ceil(dimensions / LANES) * LANES;
    this.#count = factors.length / dimensions;
    // So that no sum of products is beyond 32 bits.
    this.#most = Math.min(32_767, Math.floor(Math.sqrt((2 ** 31 - 1) / dimensions)));
    const room = QuantizedRows.#layout(this.#count, this.#length);
    const head = arena.alloc(room.elements);
    this.#scalesAt = head + 4 * HEAD;
    this.#vectorAt = head + 4 * room.vector;
    this.#rowsAt = head + 4 * room.rows;
    const { buffer } = arena.memory;
    this.#vector = new Int16Array(buffer, this.#vectorAt, this.#length);
    const ready = arena.u32(head, 1);
    this.#bounds = arena.f32(head + 4, 2);
    if (ready[0] === 1) return;
    const rows = new Int16Array(buffer, this.#rowsAt, padded(this.#count) * this.#length);
    this.#quantize(factors, rows, arena.f32(this.#scalesAt, this.#count));
    ready[0] = 1;
  }

  /** How many 32-bit elements one takes, of so many rows. */
  static room(count: number, dimensions: number): number {
    return QuantizedRows.#layout(count, Math.ceil(dimensions / LANES) * LANES).elements;
  }

  static #layout(
    count: number,
    length: number,
  ): { readonly vector: number; readonly rows: number; readonly elements: number } {
    const vector = HEAD + padded(count);
    const rows = vector + padded(length / 2);
    return { vector, rows, elements: rows + (padded(count) * length) / 2 };
  }

  /**
   * out[r] = sums[r] + rows[r] · x, nearly, for each row. Returns how far any of
   * them can be from that.
   *
   * @param sums The pointer of as many elements as there are rows.
   */
  scan(x: Float32Array, sums: number, out: number): number {
    let largest = 0;
    let total = 0;
    for (let k = 0; k < this.#dimensions; k++) {
      const size = Math.abs(x[k] as number);
      largest = Math.max(largest, size);
      total += size;
    }
    const scale = largest / this.#most;
    for (let k = 0; k < this.#dimensions; k++) {
      this.#vector[k] = scale === 0 ? 0 : Math.round((x[k] as number) / scale);
    }
    this.#kernels.scan16(
      this.#rowsAt,
      this.#vectorAt,
      this.#scalesAt,
      scale,
      this.#count,
      this.#length,
      sums,
      out,
    );
    // x·y − x̂·ŷ = x·(y − ŷ) + (x − x̂)·ŷ, where no element is off by more than half of its scale.
    const half = this.#bounds[0] as number;
    const widest = this.#bounds[1] as number;
    return total * half + (scale / 2) * widest + ROUNDING * largest * widest + UNDERFLOW;
  }

  #quantize(factors: Float32Array, rows: Int16Array, scales: Float32Array): void {
    const d = this.#dimensions;
    let [coarsest, widest] = [0, 0];
    rows.fill(0);
    for (let r = 0; r < this.#count; r++) {
      let largest = 0;
      for (let k = 0; k < d; k++) {
        largest = Math.max(largest, Math.abs(factors[r * d + k] as number));
      }
      const scale = Math.fround(largest / this.#most);
      scales[r] = scale;
      let width = 0;
      for (let k = 0; k < d; k++) {
        const quantum = scale === 0 ? 0 : Math.round((factors[r * d + k] as number) / scale);
        rows[this.#placeOf(r, k)] = quantum;
        width += Math.abs(quantum);
      }
      coarsest = Math.max(coarsest, scale);
      widest = Math.max(widest, width * scale);
    }
    this.#bounds.set([(coarsest / 2) * (1 + ROUNDING), widest * (1 + ROUNDING)]);
  }

  /** Where an element of a row is. */
  #placeOf(row: number, k: number): number {
    const block = (row - (row % BLOCK)) * this.#length;
    const vector = (k - (k % LANES)) * BLOCK;
    return block + vector + (row % BLOCK) * LANES + (k % LANES);
  }
}
