/** Measures for how long a page was looked at: hidden times do not count. */
export class WatchClock {
  readonly #now: () => number;
  #watchedMs = 0;
  #since: number | undefined;

  /** @param now tells milliseconds, of a clock that is never set back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The page is in view from now on; more than once changes nothing. */
  start(): void {
    this.#since ??= this.#now();
  }

  /** The page is out of view from now on. */
  stop(): void {
    this.#watchedMs = this.watchedMs;
    this.#since = undefined;
  }

  /** For how long it was in view so far. */
  get watchedMs(): number {
    return this.#watchedMs + (this.#since === undefined ? 0 : this.#now() - this.#since);
  }
}
