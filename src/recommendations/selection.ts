import type { Items } from "./items.ts";

/** What may be recommended, as a table that is kept between calls. */
export class Selection {
  readonly #items: Items;
  /** For each item, in which call it was last left out. */
  #leftOut = new Uint32Array(1_024);
  #call = 0;
  #category: number | undefined;

  constructor(items: Items) {
    this.#items = items;
  }

  /** Begins a call: all that is offered, of a category if one is given. */
  begin(category: number | undefined): void {
    this.#category = category;
    this.#call++;
    if (this.#leftOut.length < this.#items.size || this.#call > 0xffff_ffff) {
      this.#leftOut = new Uint32Array(Math.max(2 * this.#items.size, this.#leftOut.length));
      this.#call = 1;
    }
  }

  /** Leaves an item out of this call; -1 is none. */
  leaveOut(index: number): void {
    if (index >= 0) this.#leftOut[index] = this.#call;
  }

  /** Takes an item back that was left out of this call only because it had been chosen. */
  takeBack(index: number): void {
    this.#leftOut[index] = 0;
  }

  has(index: number): boolean {
    return (
      this.#leftOut[index] !== this.#call &&
      this.#items.isOffered(index) &&
      (this.#category === undefined || this.#items.isIn(index, this.#category))
    );
  }
}
