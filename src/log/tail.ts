import type { Entry } from "./log.ts";
import { ENTRY_NUMBERS, entriesOf, entryCount, positionAt } from "./numbers.ts";

/** How many entries a block has. */
const BLOCK = 8_192;
/** How many blocks stay in memory for followers that keep up: 21 MB. */
const KEPT_BLOCKS = 32;

/** The newest entries of the log, in memory. */
export class Tail {
  /** All are full but the last. */
  readonly #blocks: Float64Array[] = [];
  /** How many entries the last block has. */
  #filled = BLOCK;
  #start: number;

  /** A tail that has all entries after `start`, of which there are none yet. */
  constructor(start: number) {
    this.#start = start;
  }

  /** Adds the entries of a commit. */
  push(entries: Float64Array): void {
    const count = entryCount(entries);
    for (let done = 0; done < count;) {
      if (this.#filled === BLOCK) this.#addBlock();
      const taken = Math.min(count - done, BLOCK - this.#filled);
      this.#blocks
        .at(-1)
        ?.set(
          entries.subarray(done * ENTRY_NUMBERS, (done + taken) * ENTRY_NUMBERS),
          this.#filled * ENTRY_NUMBERS,
        );
      this.#filled += taken;
      done += taken;
    }
  }

  /** The first `limit` entries after a position; undefined if some of them are no longer here. */
  after(position: number, limit: number): Entry[] | undefined {
    if (position < this.#start) return undefined;
    const found: Entry[] = [];
    for (let index = this.#firstBlock(position); index < this.#blocks.length; index++) {
      const block = this.#blocks[index] as Float64Array;
      const count = this.#countOf(index);
      const from = found.length === 0 ? firstAfter(block, count, position) : 0;
      entriesOf(block, from, Math.min(count, from + limit - found.length), found);
      if (found.length >= limit) break;
    }
    return found;
  }

  #countOf(index: number): number {
    return index === this.#blocks.length - 1 ? this.#filled : BLOCK;
  }

  /** The index of the first block that ends after a position. */
  #firstBlock(position: number): number {
    let index = this.#blocks.length;
    while (index > 0 && this.#lastOf(index - 1) > position) index--;
    return index;
  }

  #lastOf(index: number): number {
    return positionAt(this.#blocks[index] as Float64Array, this.#countOf(index) - 1);
  }

  #addBlock(): void {
    if (this.#blocks.length === KEPT_BLOCKS) {
      this.#start = this.#lastOf(0);
      this.#blocks.shift();
    }
    this.#blocks.push(new Float64Array(BLOCK * ENTRY_NUMBERS));
    this.#filled = 0;
  }
}

/** The index of the first entry after a position, of the first `count` of a block. */
function firstAfter(block: Float64Array, count: number, position: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (positionAt(block, middle) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
