/**
 * For each column of a model, the mixtures that it is a part of, by their places,
 * and its share in each: the mixtures, turned around. Adds up what columns hand on
 * to them.
 */
export class Followers {
  /** Where those of each column begin, and those of the next. */
  readonly #offsets: Uint32Array;
  readonly #places: Uint32Array;
  readonly #shares: Float32Array;
  /** What each place has been handed so far. */
  readonly #sums: Float32Array;

  /**
   * @param columns the columns of each place, `width` for each.
   * @param shares how much each of them counts; 0 for none.
   */
  constructor(columns: Uint32Array, shares: Float32Array, width: number) {
    // There may be more than a million: plain loops, not iterators.
    let known = 0;
    let pairs = 0;
    for (let at = 0; at < shares.length; at++) {
      if ((shares[at] as number) <= 0) continue;
      pairs++;
      known = Math.max(known, (columns[at] as number) + 1);
    }
    // How many each has, then where those of each begin, moved on by each that is put there.
    const next = new Uint32Array(known + 1);
    for (let at = 0; at < shares.length; at++) {
      const after = (columns[at] as number) + 1;
      if ((shares[at] as number) > 0) next[after] = (next[after] as number) + 1;
    }
    for (let column = 0; column < known; column++) {
      next[column + 1] = (next[column + 1] as number) + (next[column] as number);
    }
    this.#offsets = next.slice();
    this.#places = new Uint32Array(pairs);
    this.#shares = new Float32Array(pairs);
    for (let at = 0; at < shares.length; at++) {
      const share = shares[at] as number;
      if (share <= 0) continue;
      const column = columns[at] as number;
      const to = next[column] as number;
      next[column] = to + 1;
      this.#places[to] = Math.floor(at / width);
      this.#shares[to] = share;
    }
    this.#sums = new Float32Array(shares.length / width);
  }

  /** A column hands an amount above 0 on to all whose part it is, by its shares. */
  add(column: number, amount: number): void {
    const [places, shares, sums] = [this.#places, this.#shares, this.#sums];
    const end = this.#offsets[column + 1] ?? 0;
    for (let at = this.#offsets[column] ?? 0; at < end; at++) {
      const place = places[at] as number;
      sums[place] = (sums[place] as number) + (shares[at] as number) * amount;
    }
  }

  /**
   * Visits the places that have been handed something, and at least so much. Nobody
   * has anything then.
   */
  drain(least: number, visit: (place: number) => void): void {
    // One place after the other: to go only to those that have something takes
    // longer, since they lie all over the memory.
    const sums = this.#sums;
    const bar = Math.max(least, Number.MIN_VALUE);
    for (let place = 0; place < sums.length; place++) {
      if ((sums[place] as number) >= bar) visit(place);
    }
    sums.fill(0);
  }
}
