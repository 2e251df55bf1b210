import type { Entry } from "./log.ts";

/** How much stays in memory for followers that keep up, at least; at most it is twice that. */
const KEPT_BYTES = 16 * 1_048_576;
/** What an entry takes beside its texts, roughly. */
const ENTRY_BYTES = 200;

/** The newest entries of the log, in memory. */
export class Tail {
  readonly #entries: Entry[] = [];
  #start: number;
  #bytes = 0;

  /** A tail that has all entries after `start`, of which there are none yet. */
  constructor(start: number) {
    this.#start = start;
  }

  /** Adds the entries of a commit. */
  push(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#bytes += bytesOf(entry);
    }
    // Trimmed in large pieces, so that moving the rest costs little for each entry.
    if (this.#bytes > 2 * KEPT_BYTES) this.#trim();
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

  #trim(): void {
    let count = 0;
    while (this.#bytes > KEPT_BYTES) this.#bytes -= bytesOf(this.#entries[count++] as Entry);
    const removed = this.#entries.splice(0, count);
    this.#start = removed.at(-1)?.position ?? this.#start;
  }
}

/** An estimate: a character takes one byte or two. */
function bytesOf({ viewId, country, device, referrer }: Entry): number {
  return ENTRY_BYTES + 2 * (viewId.length + country.length + device.length + referrer.length);
}
