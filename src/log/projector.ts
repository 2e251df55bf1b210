import type { Entry, LogReader } from "./log.ts";

/** Something that is made from the log, and can be made from it again. */
export interface Projection {
  /** The position up to which it was made; 0 at the beginning. */
  position(): Promise<number>;
  /**
   * Takes the next entries, and stores the position of the last of them with
   * what it made of them, all or nothing: a crash neither loses nor repeats.
   */
  apply(entries: readonly Entry[]): Promise<void>;
  /** Goes back to the beginning. */
  reset(): Promise<void>;
}

/** How many entries a projection takes at once: each time costs it a transaction. */
const BATCH = 10_000;

/**
 * How long entries may wait for others to join them, in milliseconds: a
 * projection that applied each commit by itself would spend its time in
 * transactions. Well below the 300 ms after which they must be seen.
 */
const LINGER_MS = 50;

/** Keeps a projection up with the log, position by position. */
export class Projector {
  readonly #reader: LogReader;
  readonly #projection: Projection;
  readonly #onApplied: (position: number, head: number) => void;
  #head = 0;
  #wanted = 0;
  #stopped = false;
  #wake: (() => void) | undefined;

  /** `onApplied` is told how far the projection is, and how far the log. */
  constructor(
    reader: LogReader,
    projection: Projection,
    onApplied: (position: number, head: number) => void,
  ) {
    this.#reader = reader;
    this.#projection = projection;
    this.#onApplied = onApplied;
  }

  /** The log has grown to this position. */
  advance(head: number): void {
    this.#head = Math.max(this.#head, head);
    this.#wake?.();
  }

  /** Somebody waits for this position: do not linger. */
  hurry(position: number): void {
    this.#wanted = Math.max(this.#wanted, position);
    this.#wake?.();
  }

  /** Ends {@link run} after the batch at hand. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Follows the log until stopped. */
  async run(): Promise<void> {
    let position = await this.#projection.position();
    this.advance(await this.#reader.position());
    if (position > this.#head) {
      // The log is older than the projection: it was restored, or is another one.
      await this.#projection.reset();
      position = 0;
    }
    this.#onApplied(position, this.#head);
    let appliedAt = 0;
    while (!this.#stopped) {
      if (position >= this.#head) {
        await this.#woken();
        continue;
      }
      const lingered = performance.now() - appliedAt;
      const full = this.#head - position >= BATCH;
      if (!full && this.#wanted <= position && lingered < LINGER_MS) {
        await this.#woken(LINGER_MS - lingered);
        continue;
      }
      const entries = await this.#reader.read(position, BATCH);
      const last = entries.at(-1);
      // Nothing to read: what was there has been superseded by what is about to come.
      if (last === undefined) {
        await this.#woken(LINGER_MS);
        continue;
      }
      await this.#projection.apply(entries);
      position = last.position;
      appliedAt = performance.now();
      this.#onApplied(position, this.#head);
    }
  }

  #woken(timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer =
        timeoutMs === undefined ? undefined : setTimeout(() => this.#wake?.(), timeoutMs);
      this.#wake = () => {
        this.#wake = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
