/** How often panels ask again while views come in, at most: milliseconds. */
const SHORTEST_MS = 10_000;
const LONGEST_MS = 60_000;
/** The server shall be at leisure for most of the time, however long its answers take. */
const LEISURE = 10;

/** Finds how long to wait before the panels ask again. */
export class Pace {
  #slowestMs = 0;

  /** Told how long an answer took. */
  answered(ms: number): void {
    this.#slowestMs = Math.max(this.#slowestMs, ms);
  }

  /** How long to wait after the answers since the last call of this: milliseconds. */
  next(): number {
    const pause = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, LEISURE * this.#slowestMs));
    this.#slowestMs = 0;
    return pause;
  }
}

/** That of this page. */
export const pace = new Pace();
