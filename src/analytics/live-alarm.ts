/** Somebody who waits for a moment, which may move. */
export interface Sleeper {
  /** When to wake up, of performance.now(). */
  dueAt(): number;
}

/** The longest time a timer can wait: milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

/** Wakes many at their times, with one timer. */
export class Alarm {
  readonly #sleepers = new Map<Sleeper, () => void>();
  #timer: NodeJS.Timeout | undefined;
  #at = Infinity;

  /** Waits until it is due. Rejects with the signal's reason when that aborts first. */
  async sleep(sleeper: Sleeper, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort);
    this.#sleepers.set(sleeper, resolve);
    this.#set(sleeper.dueAt());
    try {
      await promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Some may be due sooner now: they are asked in so many milliseconds. */
  ring(inMs: number): void {
    if (this.#sleepers.size > 0) this.#set(performance.now() + inMs);
  }

  #set(at: number): void {
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    const ms = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(at - performance.now())));
    this.#timer = setTimeout(this.#wake, ms).unref();
  }

  readonly #wake = (): void => {
    this.#at = Infinity;
    const now = performance.now();
    let next = Infinity;
    for (const [sleeper, wake] of this.#sleepers) {
      const at = sleeper.dueAt();
      if (at > now) next = Math.min(next, at);
      else {
        this.#sleepers.delete(sleeper);
        wake();
      }
    }
    this.#set(next);
  };
}
