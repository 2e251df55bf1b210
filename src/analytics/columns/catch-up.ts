/** From how many entries on a projection that is behind is worth a word. */
const FAR_BEHIND = 50_000;

/** From how few entries on it has caught up, though others come all the time. */
const NEAR = 5_000;

/** How often it is worth one: milliseconds. */
const WORD_MS = 2_000;

export interface CatchUpEvents {
  readonly onCatchUp?: (position: number, head: number) => void;
  readonly onCaughtUp?: (position: number, durationMs: number) => void;
}

/** Says now and then how far a projection is that is far behind, and when it no longer is. */
export class CatchUp {
  readonly #events: CatchUpEvents;
  #since: number | undefined;
  #saidAt = -Infinity;

  constructor(events: CatchUpEvents) {
    this.#events = events;
  }

  /** The projection is at this position, and the log at that one. */
  reached(position: number, head: number): void {
    const now = performance.now();
    if (head - position > FAR_BEHIND) {
      this.#since ??= now;
      if (now - this.#saidAt <= WORD_MS) return;
      this.#saidAt = now;
      this.#events.onCatchUp?.(position, head);
    } else if (this.#since !== undefined && head - position <= NEAR) {
      this.#events.onCaughtUp?.(position, now - this.#since);
      this.#since = undefined;
      this.#saidAt = -Infinity;
    }
  }
}
