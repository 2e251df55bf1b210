/** So many are kept: with names of the longest kind, 6 MB. */
const MOST = 10_000;

/**
 * The numbers of the viewers who were asked for last, by their names: who asks once
 * asks again, and to find a number in the log costs as much as to rank a thousand
 * items.
 */
export class RecentViewers {
  /** The one that was not asked for longest comes first. */
  readonly #numbers = new Map<string, number>();
  #forgotten = 0;

  /**
   * The number of a name, looked up if it is not known; undefined if there is none.
   *
   * @param look what it was before the latest erasure that is known of is not kept.
   */
  async of(
    name: string,
    look: (name: string) => Promise<number | undefined>,
  ): Promise<number | undefined> {
    const known = this.#numbers.get(name);
    if (known !== undefined) {
      this.#numbers.delete(name);
      this.#numbers.set(name, known);
      return known;
    }
    const forgotten = this.#forgotten;
    const found = await look(name);
    if (found === undefined || forgotten !== this.#forgotten) return found;
    this.#numbers.set(name, found);
    if (this.#numbers.size > MOST) {
      const [oldest = name] = this.#numbers.keys();
      this.#numbers.delete(oldest);
    }
    return found;
  }

  /** Forgets all: a viewer was erased, and nothing says who. */
  forget(): void {
    this.#forgotten++;
    this.#numbers.clear();
  }
}
