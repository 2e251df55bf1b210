import type { LogReader, ProjectedEntry } from "./log.ts";

/** Something that is made from the log, and can be made from it again. */
export interface Projection {
  /**
   * Opens what it is kept in, anew if it is open already, and tells the position
   * up to which it was made; 0 at the beginning. What was made from a log with
   * another id is dropped, and so is what is damaged.
   */
  open(logId: string): Promise<number>;
  /**
   * Takes the next entries, and stores the position of the last of them with
   * what it made of them, all or nothing: a crash neither loses nor repeats.
   */
  apply(entries: readonly ProjectedEntry[]): Promise<void>;
  /** Goes back to the beginning. */
  reset(): Promise<void>;
}

/** How many entries a projection takes at once: each time costs it a transaction. */
const BATCH = 10_000;

/**
 * How long entries may wait for others to join them, in milliseconds: a
 * projection that applied each commit by itself would spend its time in
 * transactions. But all are to be seen within 300 ms, so the longer it takes to
 * apply them, the shorter they wait.
 */
const MAX_LINGER_MS = 150;
const MIN_LINGER_MS = 50;

function lingerMs(applyMs: number): number {
  return Math.min(MAX_LINGER_MS, Math.max(MIN_LINGER_MS, 200 - 3 * applyMs));
}

/** When a projection that failed is tried again, at first and at last: milliseconds. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

export interface ProjectorEvents {
  /** How far the projection is, and how far the log. */
  readonly onApplied: (position: number, head: number) => void;
  /** The projection failed, and will be tried again: it goes on when the reason has passed. */
  readonly onFailure: (error: unknown) => void;
}

/** Keeps a projection up with the log, position by position. */
export class Projector {
  readonly #reader: LogReader;
  readonly #projection: Projection;
  readonly #events: ProjectorEvents;
  #head = 0;
  #wanted = 0;
  #failed = false;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(reader: LogReader, projection: Projection, events: ProjectorEvents) {
    this.#reader = reader;
    this.#projection = projection;
    this.#events = events;
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

  /** The projection was found to be broken: it is opened again. */
  fail(error: unknown): void {
    this.#failed = true;
    this.#events.onFailure(error);
    this.#wake?.();
  }

  /** Ends {@link run} after the batch at hand. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Follows the log until stopped. A projection that fails is opened and tried again. */
  async run(): Promise<void> {
    let retryMs = RETRY_MS;
    while (!this.#stopped) {
      this.#failed = false;
      try {
        this.advance(await this.#reader.position());
        await this.#follow(await this.#open(await this.#reader.id()), () => {
          retryMs = RETRY_MS;
        });
      } catch (error) {
        this.#events.onFailure(error);
        await this.#woken(retryMs);
        retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
      }
    }
  }

  async #open(logId: string): Promise<number> {
    let position = await this.#projection.open(logId);
    if (position > this.#head) {
      // The log is older than the projection: it was restored.
      await this.#projection.reset();
      position = 0;
    }
    this.#events.onApplied(position, this.#head);
    return position;
  }

  async #follow(start: number, onSuccess: () => void): Promise<void> {
    let position = start;
    let appliedAt = 0;
    let linger = MIN_LINGER_MS;
    while (!this.#stopped && !this.#failed) {
      if (position >= this.#head) {
        await this.#woken();
        continue;
      }
      const lingered = performance.now() - appliedAt;
      const full = this.#head - position >= BATCH;
      if (!full && this.#wanted <= position && lingered < linger) {
        await this.#woken(linger - lingered);
        continue;
      }
      const begunAt = performance.now();
      const entries = await this.#reader.readProjected(position, BATCH);
      const last = entries.at(-1);
      // Nothing to read: what was there has been superseded by what is about to come.
      if (last === undefined) {
        await this.#woken(linger);
        continue;
      }
      await this.#projection.apply(entries);
      position = last.position;
      appliedAt = performance.now();
      linger = lingerMs(appliedAt - begunAt);
      onSuccess();
      this.#events.onApplied(position, this.#head);
    }
  }

  #woken(timeoutMs?: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
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
