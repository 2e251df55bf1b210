import { DomainError, unavailable } from "../errors.ts";
import { Thread, type Moved } from "../thread.ts";
import type { LogSource } from "./log.ts";
import type { ReaderApi } from "./reader-thread.ts";
import { codeOf, DAMAGED } from "./schema.ts";

/** After how long to try again to read what could not be read, in milliseconds. */
export const RETRY_MS = 1_000;

/** What SQLite says of a statement that is wrong: that will not pass. */
const OURS = new Set(["SQLITE_ERROR", "SQLITE_MISUSE", "SQLITE_RANGE", "SQLITE_MISMATCH"]);

/**
 * What to tell who wanted to read, of an error: of what may pass, such as a disk
 * that fails, a DomainError "unavailable" with its cause; else the error itself.
 */
export function readFailure(error: unknown, message = "the log cannot be read now"): unknown {
  const code = codeOf(error);
  return !code.startsWith("SQLITE_") || OURS.has(code)
    ? error
    : unavailable(message, RETRY_MS, error);
}

/** Whether an error of reading may pass by itself, which damage does not. */
export function mayPass(error: unknown): boolean {
  return error instanceof DomainError && !DAMAGED.test(codeOf(error.cause));
}

/** What a call of a function of the thread is fulfilled with. */
type Answer<K extends keyof ReaderApi> = Unmoved<Awaited<ReturnType<ReaderApi[K]>>>;
type Unmoved<T> = T extends Moved<infer V> ? V : T;

/** The thread that reads a log: begun when it is needed, and again if it dies. */
export class ReaderThread {
  readonly #source: LogSource;
  #thread: Thread<ReaderApi> | undefined;

  constructor(source: LogSource) {
    this.#source = source;
  }

  /**
   * Calls a function of the thread. Rejects with a DomainError "unavailable" if
   * the log cannot be read now.
   */
  async call<K extends keyof ReaderApi>(
    method: K,
    ...args: Parameters<ReaderApi[K]>
  ): Promise<Answer<K>> {
    let thread: Thread<ReaderApi> | undefined;
    try {
      thread = this.#started();
      return await thread.call(method, ...args);
    } catch (error) {
      // A thread that is no longer there has died, whatever of.
      throw thread !== undefined && thread === this.#thread
        ? readFailure(error)
        : unavailable("the log cannot be read now", RETRY_MS, error);
    }
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    const thread = this.#thread;
    // One that has died has let go of it.
    await thread?.call("close").catch(() => {});
    await thread?.close();
  }

  #started(): Thread<ReaderApi> {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new Thread<ReaderApi>(new URL("./reader-thread.ts", import.meta.url), {
      name: "log reader",
      data: this.#source,
      onDeath: () => {
        if (this.#thread === thread) this.#thread = undefined;
      },
    });
    this.#thread = thread;
    return thread;
  }
}
