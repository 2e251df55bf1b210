import { setImmediate } from "node:timers";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import type { Caller } from "../caller.ts";
import { DomainError, unavailable } from "../errors.ts";
import { Thread } from "../thread.ts";
import { FOLLOW_BATCH } from "./log.ts";
import type { Entry, FeedbackReceipt, Log, LogSource, NameKind } from "./log.ts";
import type { NewFeedback, NewView, ViewReceipt } from "./log.ts";
import { NameTable } from "./names.ts";
import type { ReaderApi } from "./reader-thread.ts";
import { openForReading } from "./schema.ts";
import { Tail } from "./tail.ts";
import type { Append, Receipt, Written } from "./writer.ts";
import type { WriterApi } from "./writer-thread.ts";

/**
 * How many entries one transaction takes at most. It bounds how long others
 * wait for it, and how long its answer keeps the thread that serves requests:
 * a few milliseconds.
 */
const MAX_TRANSACTION = 2_000;
/** How many entries may wait for the disk before more are refused. */
const MAX_WAITING = 100_000;
/** When to come again, of a log that cannot write now. */
const RETRY_AFTER_MS = 1_000;

export interface SqliteLogOptions {
  /** Where log.db is, or will be. */
  readonly directory: string;
  /** Called when a thread of the log ends by itself: nothing can be logged any more. */
  readonly onFatal?: (error: Error) => void;
}

interface Waiting {
  readonly append: Append;
  readonly size: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The log in a SQLite file. One thread writes; what arrives while it commits
 * goes into the next transaction (group commit), so that one sync of the disk
 * serves many callers.
 */
export class SqliteLog implements Log {
  readonly id: string;
  readonly source: LogSource;
  readonly #onFatal: ((error: Error) => void) | undefined;
  readonly #writer: Thread<WriterApi>;
  readonly #db: Database;
  readonly #names: Record<NameKind, NameTable>;
  readonly #tail: Tail;
  readonly #listeners = new Set<(position: number) => void>();
  readonly #closing = new AbortController();
  #reader: Thread<ReaderApi> | undefined;
  #waiting: Waiting[] = [];
  #waitingSize = 0;
  #writing: Promise<void> | undefined;
  #position: number;

  private constructor(
    source: LogSource,
    writer: Thread<WriterApi>,
    head: { readonly id: string; readonly position: number },
    onFatal: ((error: Error) => void) | undefined,
  ) {
    this.source = source;
    this.#onFatal = onFatal;
    this.#writer = writer;
    this.id = head.id;
    this.#position = head.position;
    this.#tail = new Tail(head.position);
    this.#db = openForReading(source.file);
    this.#names = {
      viewer: new NameTable(this.#db, "viewer"),
      video: new NameTable(this.#db, "video"),
    };
  }

  /** Opens the log of a directory, or makes one. */
  static async open(options: SqliteLogOptions): Promise<SqliteLog> {
    const source: LogSource = { file: join(options.directory, "log.db") };
    let open = false;
    const writer = new Thread<WriterApi>(new URL("./writer-thread.ts", import.meta.url), {
      name: "log writer",
      data: source,
      // Before it is open, a failure is that of this call.
      onDeath: (error) => open && options.onFatal?.(error),
    });
    const head = await writer.call("head");
    open = true;
    return new SqliteLog(source, writer, head, options.onFatal);
  }

  get position(): number {
    return this.#position;
  }

  appendView(caller: Caller, view: NewView): Promise<ViewReceipt> {
    return this.#append({ project: caller.project, view }, 1) as Promise<ViewReceipt>;
  }

  appendFeedback(caller: Caller, feedback: readonly NewFeedback[]): Promise<FeedbackReceipt> {
    const append = { project: caller.project, feedback };
    return this.#append(append, feedback.length) as Promise<FeedbackReceipt>;
  }

  read(after: number, limit: number): Promise<Entry[]> {
    this.#reader ??= new Thread<ReaderApi>(new URL("./reader-thread.ts", import.meta.url), {
      name: "log reader",
      data: this.source,
      onDeath: (error) => this.#onFatal?.(error),
    });
    return this.#reader.call("read", after, limit);
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Entry[]> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    let position = after;
    while (!ended.aborted) {
      const head = this.#position;
      const entries =
        this.#tail.after(position, FOLLOW_BATCH) ?? (await this.read(position, FOLLOW_BATCH));
      const last = entries.at(-1);
      if (ended.aborted) return;
      if (last !== undefined) {
        position = last.position;
        yield entries;
      } else if (position < head) {
        // All that was left up to there has been superseded meanwhile.
        position = head;
      } else {
        await this.#nextCommit(position, ended);
      }
    }
  }

  onCommit(listener: (position: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async findName(project: number, kind: NameKind, name: string): Promise<number | undefined> {
    return this.#names[kind].find(project, name);
  }

  async namesOf(
    project: number,
    kind: NameKind,
    ids: readonly number[],
  ): Promise<(string | undefined)[]> {
    return ids.map((id) => this.#names[kind].name(project, id));
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    while (this.#writing !== undefined) await this.#writing;
    // The last connection to close moves the WAL into the file: the writer's.
    this.#db.close();
    await this.#reader?.call("close");
    await this.#reader?.close();
    await this.#writer.call("close");
    await this.#writer.close();
  }

  #append(append: Append, size: number): Promise<Receipt> {
    if (this.#closing.signal.aborted) {
      return Promise.reject(unavailable("the server is stopping", RETRY_AFTER_MS));
    }
    if (this.#waitingSize + size > MAX_WAITING) {
      return Promise.reject(
        new DomainError("resource_exhausted", "too much is waiting to be written to the log", {
          reason: "LOG_OVERLOADED",
          retryAfterMs: RETRY_AFTER_MS,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, size, resolve, reject });
      this.#waitingSize += size;
      this.#writing ??= this.#writeAll();
    });
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
      written = await this.#writer.call(
        "write",
        batch.map(({ append }) => append),
      );
    } catch (cause) {
      const error = unavailable("the log could not be written", RETRY_AFTER_MS, cause);
      for (const { reject } of batch) reject(error);
      return;
    }
    this.#position = written.position;
    this.#tail.push(written.entries);
    for (const [index, { resolve }] of batch.entries()) {
      resolve(written.receipts[index] as Receipt);
    }
    // Callers go on in a later turn, followers in this one: what a caller does
    // next, they know.
    if (written.entries.length > 0) {
      for (const listener of this.#listeners) listener(written.position);
    }
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
    this.#waitingSize -= size;
    return this.#waiting.splice(0, count);
  }

  #nextCommit(position: number, ended: AbortSignal): Promise<void> {
    if (this.#position > position) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stop();
        ended.removeEventListener("abort", done);
        resolve();
      };
      const stop = this.onCommit(done);
      ended.addEventListener("abort", done);
    });
  }
}
