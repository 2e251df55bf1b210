/**
 * The best `capacity` of many scored numbers: a binary heap with the worst on
 * top, O(log capacity) for each that gets in and O(1) for each that does not.
 * Of equal scores the lower number is better, so that the order is one.
 */
export class TopN {
  readonly #capacity: number;
  readonly #ids: Int32Array;
  readonly #scores: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#ids = new Int32Array(capacity);
    this.#scores = new Float64Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The worst score that is kept; -Infinity while there is room. */
  get bar(): number {
    if (this.#size < this.#capacity) return -Infinity;
    return this.#capacity > 0 ? (this.#scores[0] as number) : Infinity;
  }

  /** Whether {@link push} would keep it: to be asked before what is costlier to find out. */
  takes(id: number, score: number): boolean {
    if (this.#size < this.#capacity) return true;
    return this.#capacity > 0 && this.#isWorse(0, id, score);
  }

  push(id: number, score: number): void {
    if (this.#size < this.#capacity) this.#up(this.#size++, id, score);
    else if (this.takes(id, score)) this.#down(id, score);
  }

  /** Hands out all, worst first, and is empty afterwards. */
  drain(take: (id: number, score: number) => void): void {
    while (this.#size > 0) {
      const id = this.#ids[0] as number;
      const score = this.#scores[0] as number;
      this.#size--;
      const last = this.#size;
      if (last > 0) this.#down(this.#ids[last] as number, this.#scores[last] as number);
      take(id, score);
    }
  }

  /** The numbers, best first; empty afterwards. */
  takeIds(): number[] {
    const ids = Array.from<number>({ length: this.#size });
    this.drain((id) => (ids[this.#size] = id));
    return ids;
  }

  /** Whether the one at a place of the heap is worse than another. */
  #isWorse(place: number, id: number, score: number): boolean {
    const own = this.#scores[place] as number;
    return own < score || (own === score && (this.#ids[place] as number) > id);
  }

  #up(start: number, id: number, score: number): void {
    let place = start;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#isWorse(parent, id, score)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#set(place, id, score);
  }

  #down(id: number, score: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      const other = child + 1;
      if (
        other < this.#size &&
        this.#isWorse(other, this.#ids[child] as number, this.#scores[child] as number)
      ) {
        child = other;
      }
      if (!this.#isWorse(child, id, score)) break;
      this.#move(child, place);
      place = child;
    }
    this.#set(place, id, score);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#ids[from] as number, this.#scores[from] as number);
  }

  #set(place: number, id: number, score: number): void {
    this.#ids[place] = id;
    this.#scores[place] = score;
  }
}
