import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Caller } from "../caller.ts";
import { Thread } from "../thread.ts";
import type { Written } from "./append.ts";
import { AppendQueue } from "./append-queue.ts";
import { copyLog } from "./copy.ts";
import { Eraser, type Removing } from "./eraser.ts";
import { FOLLOW_BATCH } from "./log.ts";
import type { Entry, ErasureReceipt, FeedbackReceipt, FullEntry, Log, LogSource } from "./log.ts";
import type { NameKind, NewFeedback, NewView, TrimReceipt, ViewPage } from "./log.ts";
import type { ViewReceipt, ViewSelection } from "./log.ts";
import { NameTable } from "./names.ts";
import { entriesOf } from "./numbers.ts";
import { mayPass, ReaderThread, readFailure, RETRY_MS } from "./readers.ts";
import { openForReading } from "./schema.ts";
import { Tail } from "./tail.ts";
import { trimViews } from "./trimmer.ts";
import { Keys } from "./view-key.ts";
import type { WriterApi } from "./writer-thread.ts";

export interface SqliteLogOptions {
  /** Where log.db is, or will be. */
  readonly directory: string;
  /** Called when the thread that writes ends by itself: nothing can be logged any more. */
  readonly onFatal?: (error: Error) => void;
}

/** The log in a SQLite file. One thread writes, another reads what may be much. */
export class SqliteLog implements Log {
  readonly id: string;
  readonly source: LogSource;
  readonly #writer: Thread<WriterApi>;
  readonly #queue: AppendQueue;
  readonly #removing: Removing;
  readonly #eraser: Eraser;
  readonly #running = new Set<Promise<unknown>>();
  readonly #db: Database;
  readonly #names: Record<NameKind, NameTable>;
  readonly #tail: Tail;
  readonly #listeners = new Set<(position: number) => void>();
  readonly #closing = new AbortController();
  readonly #reader: ReaderThread;
  #position: number;

  private constructor(
    source: LogSource,
    writer: Thread<WriterApi>,
    head: Awaited<ReturnType<WriterApi["head"]>>,
  ) {
    this.source = source;
    this.#writer = writer;
    this.#queue = new AppendQueue(
      (steps) => writer.call("write", steps),
      (written) => this.#onWritten(written),
    );
    this.id = head.id;
    this.#reader = new ReaderThread(source);
    const closing = this.#closing.signal;
    this.#removing = { queue: this.#queue, reader: this.#reader, writer, closing };
    this.#eraser = new Eraser(this.#removing, head.id);
    this.#position = head.position;
    this.#tail = new Tail(head.position);
    this.#db = openForReading(source.file);
    const keys = new Keys(head.id);
    this.#names = {
      viewer: new NameTable(this.#db, keys, "viewer"),
      video: new NameTable(this.#db, keys, "video"),
    };
  }

  /**
   * Opens the log of a directory, or makes one. What is left to erase from it,
   * also because it is older than an erasure, is erased first.
   */
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
    const log = new SqliteLog(source, writer, head);
    await log.#eraser.resume(head.erasures);
    return log;
  }

  get position(): number {
    return this.#position;
  }

  appendView({ project }: Caller, view: NewView): Promise<ViewReceipt> {
    return this.#queue.append({ project, views: [view] }, 1, (receipts) => receipts.view());
  }

  async appendViews({ project }: Caller, views: readonly NewView[]): Promise<ViewReceipt[]> {
    const { length } = views;
    if (length === 0) return [];
    return this.#queue.append({ project, views }, length, (receipts) => receipts.views(length));
  }

  appendFeedback({ project }: Caller, feedback: readonly NewFeedback[]): Promise<FeedbackReceipt> {
    const append = { project, feedback };
    return this.#queue.append(append, feedback.length, (receipts) => receipts.feedback());
  }

  async eraseViewer({ project }: Caller, viewer: string): Promise<ErasureReceipt> {
    const removed = await this.#eraser.erase(project, viewer);
    return { ...removed, position: this.#position };
  }

  async trimViews({ project }: Caller, before: number): Promise<TrimReceipt> {
    const trimmed = this.#run(trimViews(this.#removing, project, before, this.#position));
    return { views: await trimmed, position: this.#position };
  }

  read(after: number, limit: number): Promise<FullEntry[]> {
    return this.#reader.call("read", after, limit);
  }

  readViews({ project }: Caller, selection: ViewSelection, limit: number): Promise<ViewPage> {
    return this.#reader.call("readViews", project, selection, limit);
  }

  copyTo(file: string): Promise<number> {
    return this.#run(
      copyLog(this.source, file).catch((error: unknown) => {
        throw readFailure(error, "the log cannot be copied now");
      }),
    );
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Entry[]> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    let position = after;
    while (!ended.aborted) {
      const head = this.#position;
      const entries =
        this.#tail.after(position, FOLLOW_BATCH) ?? (await this.#readOn(position, ended));
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
    return read(() => this.#names[kind].find(project, name));
  }

  findNames(project: number, kind: NameKind, prefix: string): Promise<number[]> {
    return this.#reader.call("findNames", project, kind, prefix);
  }

  async namesOf(
    project: number,
    kind: NameKind,
    ids: readonly number[],
  ): Promise<(string | undefined)[]> {
    return read(() => ids.map((id) => this.#names[kind].name(project, id)));
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.allSettled([this.#eraser.close(), ...this.#running]);
    await this.#queue.close();
    // The last connection to close moves the WAL into the file: the writer's.
    this.#db.close();
    await this.#reader.close();
    await this.#writer.call("close");
    await this.#writer.close();
  }

  /** The next entries for a follower, who waits while they cannot be read. */
  async #readOn(after: number, ended: AbortSignal): Promise<Entry[]> {
    for (;;) {
      try {
        return entriesOf(await this.#reader.call("readNumbers", after, FOLLOW_BATCH));
      } catch (error) {
        if (ended.aborted) return [];
        if (!mayPass(error)) throw error;
        await setTimeout(RETRY_MS, undefined, { signal: ended }).catch(() => {});
      }
    }
  }

  /** Does what has to end before the log closes. */
  #run<T>(work: Promise<T>): Promise<T> {
    const done = work.finally(() => this.#running.delete(work));
    this.#running.add(work);
    return done;
  }

  #onWritten(written: Written): void {
    this.#position = written.position;
    this.#tail.push(written.entries);
    if (written.entries.length > 0) {
      for (const listener of this.#listeners) listener(written.position);
    }
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

/** Reads by the connection of this thread: what is short, and in memory more often than not. */
function read<T>(once: () => T): T {
  try {
    return once();
  } catch (error) {
    throw readFailure(error);
  }
}
