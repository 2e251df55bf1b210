/** What is known of each place, side by side: reaching a place brings all of it from memory. */
const RECORD = 4;
const SUM = 0;
const REST = 1;
const OWN = 2;
/** There is no column of its own. */
const NONE = -1;

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
  /** What each place has been handed so far; what all its columns but the first count; the first. */
  readonly #records: Float32Array;
  /** The places that have been handed anything. */
  readonly #reached: Uint32Array;
  #count = 0;

  /**
   * @param columns the columns of each place, `width` for each; of the first ones
   * the numbers are below 2^24.
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
    const places = shares.length / width;
    this.#reached = new Uint32Array(places);
    this.#records = new Float32Array(places * RECORD);
    for (let place = 0; place < places; place++) {
      const begin = place * width;
      let rest = 0;
      for (let at = begin + 1; at < begin + width; at++) rest += shares[at] as number;
      this.#records[place * RECORD + REST] = rest;
      const hasOwn = (shares[begin] as number) > 0;
      this.#records[place * RECORD + OWN] = hasOwn ? (columns[begin] as number) : NONE;
    }
  }

  /** A column hands an amount above 0 on to all whose part it is, by its shares. */
  add(column: number, amount: number): void {
    const [places, shares, records] = [this.#places, this.#shares, this.#records];
    const end = this.#offsets[column + 1] ?? 0;
    for (let at = this.#offsets[column] ?? 0; at < end; at++) {
      const place = places[at] as number;
      const sum = place * RECORD + SUM;
      const before = records[sum] as number;
      const after = Math.fround(before + (shares[at] as number) * amount);
      records[sum] = after;
      // What is too little for single precision has reached nobody.
      if (before === 0 && after > 0) this.#reached[this.#count++] = place;
    }
  }

  /**
   * Visits the places that have been handed anything, with the sum of it, which is
   * 0 again then; with what all their columns but the first count; and with the
   * first, or -1.
   */
  drain(visit: (place: number, sum: number, rest: number, own: number) => void): void {
    const [reached, records] = [this.#reached, this.#records];
    for (let k = 0; k < this.#count; k++) {
      const place = reached[k] as number;
      const at = place * RECORD;
      const sum = records[at + SUM] as number;
      records[at + SUM] = 0;
      visit(place, sum, records[at + REST] as number, records[at + OWN] as number);
    }
    this.#count = 0;
  }
}
