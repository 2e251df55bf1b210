/** When files are compacted, in milliseconds. */
export interface CompactionTimes {
  /** How long nothing more may have been removed. Default: 2,000. */
  readonly quietMs?: number;
  /** How long after the first removal at the latest. Default: 30,000. */
  readonly latestMs?: number;
  /** After which time to try again what failed. Default: 60,000. */
  readonly retryMs?: number;
  /** From how many rows on that are not clustered it is worth it. Default: 1,000,000. */
  readonly clusterRows?: number;
  /** For how long few entries must have come before it is done for that. Default: 10,000. */
  readonly calmMs?: number;
}

const QUIET_MS = 2_000;
const LATEST_MS = 30_000;
const RETRY_MS = 60_000;

const CLUSTER_ROWS = 1_000_000;
const CALM_MS = 10_000;
/** How many entries are few, for each second. */
const CALM_RATE = 5_000;
/** After a failure, such as a disk without room for it: nothing is lost by waiting. */
const CLUSTER_RETRY_MS = 3_600_000;

/**
 * Finds the time for a compaction that is only there to cluster rows: when those
 * that are not are half as many as those that are, and little else is to be
 * done. So each row is written about three times in all.
 */
export class ClusteringTimer {
  readonly #rows: number;
  readonly #calmMs: number;
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;
  #clustered = 0;
  #others = 0;
  #recent = 0;

  constructor({ clusterRows = CLUSTER_ROWS, calmMs = CALM_MS }: CompactionTimes, due: () => void) {
    this.#rows = clusterRows;
    this.#calmMs = calmMs;
    this.#due = due;
  }

  /** A file was opened, with so many rows, of which so many were clustered when it was written. */
  opened(rows: number, clustered: number): void {
    this.stop();
    this.#clustered = Math.min(rows, clustered);
    this.#others = rows - this.#clustered;
    this.#watch();
  }

  /** So many rows were added. */
  added(rows: number): void {
    this.#others += rows;
    this.#recent += rows;
    this.#watch();
  }

  /** It could not be done. */
  failed(): number {
    this.stop();
    this.#watch(CLUSTER_RETRY_MS);
    return CLUSTER_RETRY_MS;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(delayMs = this.#calmMs): void {
    if (this.#timer !== undefined) return;
    if (this.#others < Math.max(this.#rows, this.#clustered / 2)) return;
    this.#recent = 0;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const calm = this.#recent <= (CALM_RATE * delayMs) / 1_000;
      this.#watch();
      if (calm) this.#due();
    }, delayMs);
  }
}

/** Gathers removals that come shortly after each other, so that one compaction serves them all. */
export class CompactionTimer {
  readonly #times: Required<Pick<CompactionTimes, "quietMs" | "latestMs" | "retryMs">>;
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
    this.#set(Math.max(0, Math.min(quietMs, this.#first + latestMs - now)));
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
