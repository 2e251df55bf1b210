interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** How far something has followed the log, for those who wait until it is far enough. */
export class PositionGate {
  readonly #waiters = new Set<Waiter>();
  #position = 0;
  #failure: Error | undefined;

  /** The position reached last. */
  get position(): number {
    return this.#position;
  }

  /**
   * Waits until a position is reached. Rejects with the signal's reason when
   * that aborts first, with the failure when there is one.
   */
  async reached(position: number, signal: AbortSignal): Promise<void> {
    if (this.#position >= position) return;
    if (this.#failure !== undefined) throw this.#failure;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { position, resolve, reject };
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort);
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener("abort", abort);
    }
  }

  /** This position is reached: those who wait for it, or less, go on. */
  reach(position: number): void {
    this.#position = position;
    for (const waiter of this.#waiters) if (waiter.position <= position) waiter.resolve();
  }

  /** No further position will be reached: all who wait, and who come, are turned away. */
  fail(error: Error): void {
    this.#failure = error;
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
