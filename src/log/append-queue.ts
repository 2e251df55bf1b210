import { setImmediate } from "node:timers";
import { DomainError, serverStopping, unavailable } from "../errors.ts";
import { failpoint } from "../failpoint.ts";
import { stepsOf, type Append, type Step, type Written } from "./append.ts";
import { MAX_VIEWS } from "./log.ts";
import { ReceiptReader } from "./receipts.ts";

/**
 * How many entries one transaction takes at most, unless one append has more.
 * It bounds how long others wait for it: some 50 ms. The more, the less each costs: random
 * view ids change a page of the index each, but for those that meet in one.
 */
const MAX_TRANSACTION = 5_000;
/** How many entries may wait for the disk before more are refused. */
const MAX_WAITING = 10 * MAX_VIEWS;
/** When to come again, of a log that cannot write now. */
const RETRY_AFTER_MS = 1_000;

interface Waiting {
  readonly append: Append;
  readonly size: number;
  /** Takes the receipt of this append, which is the next. */
  readonly receive: (receipts: ReceiptReader) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Appends that wait for the writer. What arrives while it commits goes into the
 * next transaction (group commit), so that one sync of the disk serves many.
 */
export class AppendQueue {
  readonly #write: (steps: readonly Step[]) => Promise<Written>;
  readonly #onWritten: (written: Written) => void;
  #waiting: Waiting[] = [];
  #size = 0;
  #writing: Promise<void> | undefined;
  #closed = false;

  /**
   * `onWritten` is called after each commit, before the callers get their
   * receipts: what a caller does next, followers know.
   */
  constructor(
    write: (steps: readonly Step[]) => Promise<Written>,
    onWritten: (written: Written) => void,
  ) {
    this.#write = write;
    this.#onWritten = onWritten;
  }

  /**
   * Waits until an append is on disk, and reads its receipt. `size` is how many
   * entries it may make.
   */
  append<T>(append: Append, size: number, read: (receipts: ReceiptReader) => T): Promise<T> {
    if (this.#closed) return Promise.reject(serverStopping());
    if (this.#size + size > MAX_WAITING) {
      return Promise.reject(
        new DomainError("resource_exhausted", "too much is waiting to be written to the log", {
          reason: "LOG_OVERLOADED",
          retryAfterMs: RETRY_AFTER_MS,
        }),
      );
    }
    failpoint("log.received");
    return new Promise((resolve, reject) => {
      const receive = (receipts: ReceiptReader): void => resolve(read(receipts));
      this.#waiting.push({ append, size, receive, reject });
      this.#size += size;
      this.#writing ??= this.#writeAll();
    });
  }

  /** Takes no more, and waits for what was appended. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#writing !== undefined) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // All calls that arrived in this turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#writeOnce();
    this.#writing = undefined;
  }

  async #writeOnce(): Promise<void> {
    const batch = this.#takeBatch();
    let written: Written;
    try {
      written = await this.#write(stepsOf(batch.map(({ append }) => append)));
    } catch (cause) {
      const error = unavailable("the log could not be written", RETRY_AFTER_MS, cause);
      for (const { reject } of batch) reject(error);
      return;
    }
    failpoint("log.before-answer");
    this.#onWritten(written);
    const receipts = new ReceiptReader(written.receipts);
    for (const { receive } of batch) receive(receipts);
  }

  #takeBatch(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      size += waiting.size;
      if (count > 0 && size > MAX_TRANSACTION) {
        size -= waiting.size;
        break;
      }
      count++;
    }
    this.#size -= size;
    return this.#waiting.splice(0, count);
  }
}
