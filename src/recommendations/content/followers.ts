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
    let items = 0;
    let pairs = 0;
    for (const [at, share] of shares.entries()) {
      if (share <= 0) continue;
      pairs++;
      items = Math.max(items, (neighbours[at] as number) + 1);
    }
    const offsets = new Uint32Array(items + 1);
    for (const [at, share] of shares.entries()) {
      const next = (neighbours[at] as number) + 1;
      if (share > 0) offsets[next] = (offsets[next] as number) + 1;
    }
    for (let item = 0; item < items; item++) {
      offsets[item + 1] = (offsets[item + 1] as number) + (offsets[item] as number);
    }
    const next = offsets.slice();
    this.#offsets = offsets;
    this.#places = new Uint32Array(pairs);
    this.#shares = new Float32Array(pairs);
    for (const [at, share] of shares.entries()) {
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
