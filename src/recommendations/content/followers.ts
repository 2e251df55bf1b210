/**
 * For each item, the new items that it is a neighbour of, by their places, and
 * how much it counts for each: the neighbours, turned around.
 */
export class Followers {
  /** Where those of each item begin, and those of the next. */
  readonly #offsets: Uint32Array;
  readonly #places: Uint32Array;
  readonly #shares: Float32Array;

  /**
   * @param neighbours the items that are neighbours of each place, `width` for each.
   * @param shares how much each of them counts; 0 for none.
   */
  constructor(neighbours: Uint32Array, shares: Float32Array, width: number) {
    // There may be more than a million: plain loops, not iterators.
    let items = 0;
    let pairs = 0;
    for (let at = 0; at < shares.length; at++) {
      if ((shares[at] as number) <= 0) continue;
      pairs++;
      items = Math.max(items, (neighbours[at] as number) + 1);
    }
    // How many each has, then where those of each begin, moved on by each that is put there.
    const next = new Uint32Array(items + 1);
    for (let at = 0; at < shares.length; at++) {
      const after = (neighbours[at] as number) + 1;
      if ((shares[at] as number) > 0) next[after] = (next[after] as number) + 1;
    }
    for (let item = 0; item < items; item++) {
      next[item + 1] = (next[item + 1] as number) + (next[item] as number);
    }
    this.#offsets = next.slice();
    this.#places = new Uint32Array(pairs);
    this.#shares = new Float32Array(pairs);
    for (let at = 0; at < shares.length; at++) {
      const share = shares[at] as number;
      if (share <= 0) continue;
      const item = neighbours[at] as number;
      const to = next[item] as number;
      next[item] = to + 1;
      this.#places[to] = Math.floor(at / width);
      this.#shares[to] = share;
    }
  }

  /**
   * Adds to the sum of each place what its neighbours have above `least`, each by
   * its share. Few have more than that: the others are passed over.
   */
  addAbove(scores: Float32Array, least: number, sums: Float32Array): void {
    const [offsets, places, shares] = [this.#offsets, this.#places, this.#shares];
    for (let item = 0; item + 1 < offsets.length; item++) {
      const above = (scores[item] as number) - least;
      if (above <= 0) continue;
      const end = offsets[item + 1] as number;
      for (let at = offsets[item] as number; at < end; at++) {
        const place = places[at] as number;
        sums[place] = (sums[place] as number) + (shares[at] as number) * above;
      }
    }
  }
}
