import type { Entry } from "./log.ts";

/** How many entries stay in memory at least, for followers that keep up: about 10 MB. */
const KEPT = 50_000;

/** The newest entries of the log, in memory. */
export class Tail {
  readonly #entries: Entry[] = [];
  #start: number;

  /** A tail that has all entries after `start`, of which there are none yet. */
  constructor(start: number) {
    this.#start = start;
  }

  /** Adds the entries of a commit. */
  push(entries: readonly Entry[]): void {
    for (const entry of entries) this.#entries.push(entry);
    // Trimmed in large pieces, so that moving the rest costs little for each entry.
    if (this.#entries.length > 2 * KEPT) {
      const removed = this.#entries.splice(0, this.#entries.length - KEPT);
      this.#start = removed.at(-1)?.position ?? this.#start;
    }
  }

  /** The first `limit` entries after a position; undefined if some of them are no longer here. */
  after(position: number, limit: number): Entry[] | undefined {
    if (position < this.#start) return undefined;
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as Entry).position > position) high = middle;
      else low = middle + 1;
    }
    return this.#entries.slice(low, low + limit);
  }
}
