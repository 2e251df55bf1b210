import { setImmediate } from "node:timers";
import { DomainError, serverStopping } from "../../errors.ts";
import type { StateDatabase } from "../../storage/state.ts";
import { recordMarks, type Mark } from "./outcome-store.ts";

/** How many marks one transaction takes at most, unless one request has more. */
const MAX_TRANSACTION = 5_000;
/** How many marks may wait for the disk before more are refused. */
const MAX_WAITING = 50_000;
/** When to come again then: milliseconds. */
const RETRY_AFTER_MS = 1_000;

/** A request that waits. */
interface Waiting {
  readonly project: number;
  readonly marks: readonly Mark[];
  readonly resolve: (recorded: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Requests that wait for the state database. Those that arrive while one
 * transaction runs go into the next (group commit), so that one sync of the disk
 * serves many, and others who need the database wait for few of them.
 */
export class OutcomeQueue {
  readonly #db: StateDatabase;
  #waiting: Waiting[] = [];
  #size = 0;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(db: StateDatabase) {
    this.#db = db;
  }

  /**
   * Records the marks of a request, all or none; fulfilled once they are on disk,
   * with how many outcomes were new.
   */
  record(project: number, marks: readonly Mark[]): Promise<number> {
    if (this.#closed) return Promise.reject(serverStopping());
    if (this.#size + marks.length > MAX_WAITING) {
      return Promise.reject(
        new DomainError("resource_exhausted", "too many outcomes are waiting to be recorded", {
          reason: "OUTCOMES_OVERLOADED",
          retryAfterMs: RETRY_AFTER_MS,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ project, marks, resolve, reject });
      this.#size += marks.length;
      this.#writing ??= this.#writeAll();
    });
  }

  /** Takes no more, and waits for what was to be recorded. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#writing !== undefined) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // All calls that arrived in this turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#writeOnce(this.#takeBatch());
    this.#writing = undefined;
  }

  async #writeOnce(batch: readonly Waiting[]): Promise<void> {
    try {
      const recorded = await this.#db.transaction().execute(async (tx) => {
        const counts: number[] = [];
        for (const { project, marks } of batch) {
          counts.push(await recordMarks(tx, project, marks));
        }
        return counts;
      });
      for (const [index, { resolve }] of batch.entries()) resolve(recorded[index] as number);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #takeBatch(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { marks } of this.#waiting) {
      if (count > 0 && size + marks.length > MAX_TRANSACTION) break;
      size += marks.length;
      count++;
    }
    this.#size -= size;
    return this.#waiting.splice(0, count);
  }
}
