/** When files are compacted, in milliseconds. */
export interface CompactionTimes {
  /** How long nothing more may have been removed. Default: 2,000. */
  readonly quietMs?: number;
  /** How long after the first removal at the latest. Default: 30,000. */
  readonly latestMs?: number;
  /** After which time to try again what failed. Default: 60,000. */
  readonly retryMs?: number;
}

const QUIET_MS = 2_000;
const LATEST_MS = 30_000;
const RETRY_MS = 60_000;

/** Gathers removals that come shortly after each other, so that one compaction serves them all. */
export class CompactionTimer {
  readonly #times: Required<CompactionTimes>;
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;
  #first: number | undefined;

  constructor(times: CompactionTimes, due: () => void) {
    this.#times = { quietMs: QUIET_MS, latestMs: LATEST_MS, retryMs: RETRY_MS, ...times };
    this.#due = due;
  }

  /** Rows were removed. */
  removed(): void {
    const now = performance.now();
    this.#first ??= now;
    const { quietMs, latestMs } = this.#times;
    this.#set(Math.min(quietMs, this.#first + latestMs - now));
  }

  /** It could not be done. */
  failed(): number {
    this.#set(this.#times.retryMs);
    return this.#times.retryMs;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#first = undefined;
  }

  #set(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stop();
      this.#due();
    }, delayMs);
  }
}
