import { Arena, padded } from "../model/kernels/arena.ts";
import { openKernels, type Kernels } from "../model/kernels/kernels.ts";

/**
 * For each column of a model, the mixtures that it is a part of, by their places,
 * and its share in each: the mixtures, turned around, as a sparse matrix. Adds up
 * what columns hand on to them.
 */
export class Followers {
  readonly #arena = new Arena();
  readonly #kernels: Kernels = openKernels(this.#arena.memory);
  readonly #begin = this.#arena.end;
  #columns = 0;
  #offsetsAt = 0;
  #placesAt = 0;
  #sharesAt = 0;
  /** What each place has been handed so far. */
  #sumsAt = 0;
  #sums: Float32Array = new Float32Array(0);

  /**
   * Takes others in place of those it had.
   *
   * @param columns the columns of each place, `width` for each.
   * @param shares how much each of them counts; 0 for none.
   */
  take(columns: Uint32Array, shares: Float32Array, width: number): void {
    // There may be more than a million: plain loops, not iterators.
    this.#columns = 0;
    let pairs = 0;
    for (let at = 0; at < shares.length; at++) {
      if ((shares[at] as number) <= 0) continue;
      pairs++;
      this.#columns = Math.max(this.#columns, (columns[at] as number) + 1);
    }
    this.#layOut(shares.length / width, pairs);
    const arena = this.#arena;
    const offsets = arena.u32(this.#offsetsAt, this.#columns + 1).fill(0);
    // How many each has, then where those of each begin, moved on by each that is put there.
    for (let at = 0; at < shares.length; at++) {
      const after = (columns[at] as number) + 1;
      if ((shares[at] as number) > 0) offsets[after] = (offsets[after] as number) + 1;
    }
    for (let column = 0; column < this.#columns; column++) {
      offsets[column + 1] = (offsets[column + 1] as number) + (offsets[column] as number);
    }
    const next = offsets.slice();
    const [to, parts] = [arena.u32(this.#placesAt, pairs), arena.f32(this.#sharesAt, pairs)];
    for (let at = 0; at < shares.length; at++) {
      const share = shares[at] as number;
      if (share <= 0) continue;
      const column = columns[at] as number;
      const pair = next[column] as number;
      next[column] = pair + 1;
      to[pair] = Math.floor(at / width);
      parts[pair] = share;
    }
  }

  /** A column hands an amount above 0 on to all whose part it is, by its shares. */
  add(column: number, amount: number): void {
    if (column >= this.#columns) return;
    const [offsets, places, shares] = [this.#offsetsAt, this.#placesAt, this.#sharesAt];
    this.#kernels.spread(offsets, places, shares, column, amount, this.#sumsAt);
  }

  /**
   * Visits the places that have been handed something, and at least so much. Nobody
   * has anything then.
   */
  drain(least: number, visit: (place: number) => void): void {
    // One place after the other: to go only to those that have something takes
    // longer, since they lie all over the memory.
    const count = this.#sums.length;
    for (let place = -1; ;) {
      place = this.#kernels.next(this.#sumsAt, place + 1, count, least);
      if (place === count) break;
      visit(place);
    }
    this.#sums.fill(0);
  }

  #layOut(places: number, pairs: number): void {
    const arena = this.#arena;
    arena.release(this.#begin);
    this.#offsetsAt = arena.alloc(this.#columns + 1);
    this.#placesAt = arena.alloc(pairs);
    this.#sharesAt = arena.alloc(pairs);
    this.#sumsAt = arena.alloc(padded(places));
    this.#sums = arena.f32(this.#sumsAt, padded(places)).fill(0);
  }
}
