import { existsSync, renameSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { failpoint } from "../../failpoint.ts";
import { EntryType, type ProjectedEntry } from "../../log/log.ts";
import { applyEntries, type Removed } from "./apply.ts";
import { Ask } from "./ask.ts";
import { AskedByName } from "./asked-by-name.ts";
import type { Answer, Columns } from "./columns.ts";
import { CompactionTimer, type CompactionTimes } from "./compaction-timer.ts";
import { Copy } from "./compaction.ts";
import { Database, removeDatabase, type DatabaseOptions } from "./database.ts";
import { isDamage, isInvalidated, passes } from "./failures.ts";
import { pose, type Arguments, type QuestionName, type Value } from "./questions/questions.ts";
import { ReaderPool } from "./reader-pool.ts";
import { numberOf, readRows } from "./rows.ts";
import { createTables, expectedTables, readTables, SCHEMA_VERSION } from "./schema.ts";
import { StandingTotals } from "./standing-totals.ts";
import { Turns } from "./turns.ts";

export interface DuckDBColumnsOptions extends DatabaseOptions {
  readonly compaction?: CompactionTimes;
}

export interface DuckDBColumnsEvents {
  /** What was erased or trimmed is gone from the file, which was written anew. */
  readonly onCompacted?: (compaction: Compacted) => void;
  /** The file could not be written anew. That is tried again. */
  readonly onCompactionFailure?: (error: unknown, retryMs: number) => void;
  /** The columns have to be opened again. */
  readonly onBroken?: (error: unknown) => void;
}

export interface Compacted {
  readonly durationMs: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** For how long questions may hold up the new file, in milliseconds, before they are asked of it anew. */
const GRACE_MS = 2_000;

/** How many entries may come while a copy is written: they are kept in memory, to be applied to it. */
const MAX_CAUGHT = 200_000;

/** Views in a DuckDB file. One process at a time, and one thread of it, may have it open. */
export class DuckDBColumns extends AskedByName implements Columns {
  readonly #options: DuckDBColumnsOptions;
  readonly #events: DuckDBColumnsEvents;
  readonly #readers = new ReaderPool();
  /** What changes the file, or which one it is, is done one after the other. */
  readonly #turns = new Turns();
  readonly #timer: CompactionTimer;
  #database: Database | undefined;
  #logId = "";
  #damaged = false;
  #standing = new StandingTotals();
  /** At least as large as the number of any viewer in the file. */
  #largestViewer = 0;
  #compacting: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  /** What has been applied since a copy was begun. */
  #caught: ProjectedEntry[][] | undefined;

  /** Opens nothing yet. */
  constructor(options: DuckDBColumnsOptions, events: DuckDBColumnsEvents = {}) {
    super();
    this.#options = options;
    this.#events = events;
    this.#timer = new CompactionTimer(options.compaction ?? {}, () => this.#beginCompaction());
  }

  async open(logId: string): Promise<number> {
    await this.#stopCompaction();
    return await this.#turns.take(async () => {
      await this.#release();
      this.#logId = logId;
      try {
        return await this.#openFile();
      } catch (error) {
        await this.#readers.close();
        throw error;
      }
    });
  }

  async apply(entries: readonly ProjectedEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const caught = this.#caught?.reduce((sum, batch) => sum + batch.length, 0) ?? 0;
    if (caught > MAX_CAUGHT) await this.#compacting?.ended;
    await this.#turns.take(async () => {
      const { sums } = await this.#applyTo(this.#open, entries);
      this.#standing.apply(entries, sums);
      this.#caught?.push([...entries]);
    });
  }

  async reset(): Promise<void> {
    await this.#stopCompaction();
    await this.#turns.take(async () => {
      await this.#release();
      await this.#begin();
    });
  }

  /**
   * Whether an error says that the file has to be opened again. If it is
   * damaged, it is set aside then, and made again.
   */
  noteFailure(error: unknown): boolean {
    this.#damaged ||= isDamage(error);
    return this.#damaged || isInvalidated(error);
  }

  override async answer<Name extends QuestionName>(
    name: Name,
    args: Arguments<Name>,
    signal?: AbortSignal,
  ): Promise<Answer<Value<Name>>> {
    try {
      return await this.#attempt(name, args, signal, true);
    } catch (error) {
      // What is fast may have been too much for the memory that there is.
      if (!/out of memory/i.test(String(error))) throw error;
      return await this.#attempt(name, args, signal, false);
    }
  }

  async close(): Promise<void> {
    await this.#stopCompaction();
    await this.#turns.take(async () => {
      await this.#readers.close();
      this.#database?.close();
      this.#database = undefined;
    });
  }

  get #open(): Database {
    if (this.#database === undefined) throw new Error("the columns are not open");
    return this.#database;
  }

  get #copyFile(): string {
    return `${this.#options.file}.compact`;
  }

  async #attempt<Name extends QuestionName>(
    name: Name,
    args: Arguments<Name>,
    signal: AbortSignal | undefined,
    generous: boolean,
  ): Promise<Answer<Value<Name>>> {
    return await this.#readers.use(async (reader) => {
      const [row] = await readRows(reader.connection, "select position from projected");
      // Whatever the question sees was applied before: no viewer in it has a larger number.
      const facts = { largestViewer: this.#largestViewer, generous };
      const position = numberOf(row, "position");
      const standing = this.#standing.position === position ? this.#standing : undefined;
      return { position, value: await pose(new Ask(reader, facts, standing), name, args) };
    }, signal);
  }

  /** Lets go of the file, whose questions wait for the next one. */
  async #release(): Promise<void> {
    await this.#readers.pause(GRACE_MS);
    this.#database?.close();
    this.#database = undefined;
  }

  async #openFile(): Promise<number> {
    // Half of a copy, of a process that was killed.
    removeDatabase(this.#copyFile);
    if (this.#damaged) this.#setAside();
    try {
      this.#database = await Database.open(this.#options);
      return await this.#resume(this.#database);
    } catch (error) {
      this.#database?.close();
      this.#database = undefined;
      if (passes(error)) throw error;
      this.#setAside();
      await this.#begin();
      return 0;
    }
  }

  /** Goes on where the file ends; anew, if it was made in another way, or from another log. */
  async #resume(database: Database): Promise<number> {
    const { writer } = database;
    const found = (await readRows(writer, readTables)).map((row) => row["definition"]);
    const same = found.join() === expectedTables.join();
    const [row] = same ? await readRows(writer, "select * from projected") : [];
    if (row?.["log_id"] !== this.#logId || row["version"] !== SCHEMA_VERSION) {
      await this.#begin();
      return 0;
    }
    const [viewers] = await readRows(writer, "select max(viewer) as largest from view");
    this.#largestViewer = numberOf(viewers, "largest");
    this.#standing = await StandingTotals.read(writer, numberOf(row, "position"));
    if (row["erased"] === true || (await this.#muchTrimmed(database))) this.#timer.removed();
    this.#readers.open(database);
    return numberOf(row, "position");
  }

  /** Begins with an empty file: deleted rows would keep their place in the old one. */
  async #begin(): Promise<void> {
    await this.#database?.abandon();
    this.#database = undefined;
    removeDatabase(this.#options.file);
    const database = await Database.open(this.#options);
    this.#database = database;
    this.#largestViewer = 0;
    this.#standing = new StandingTotals();
    await database.writer.run(`begin; ${createTables("main")}`);
    await database.writer.run("insert into projected values ($1, $2, 0, 0, false)", [
      this.#logId,
      SCHEMA_VERSION,
    ]);
    await database.writer.run("commit");
    this.#readers.open(database);
  }

  async #applyTo(database: Database, entries: readonly ProjectedEntry[]): Promise<Removed> {
    // Before any of it can be seen.
    for (const { viewer } of entries) this.#largestViewer = Math.max(this.#largestViewer, viewer);
    let removed: Removed;
    try {
      removed = await applyEntries(database, entries);
    } catch (error) {
      this.noteFailure(error);
      throw error;
    }
    // A file that was set aside may have what was erased.
    if (entries.some(({ type }) => type === EntryType.ERASE)) this.#removeDamaged();
    if (removed.erased > 0 || (removed.trimmed > 0 && (await this.#muchTrimmed(database)))) {
      this.#timer.removed();
    }
    return removed;
  }

  /** Whether a tenth of the rows in the file are there in vain. */
  async #muchTrimmed(database: Database): Promise<boolean> {
    const [row] = await readRows(
      database.writer,
      "select trimmed, trimmed > 0 and 10 * trimmed >= (select count(*) from view) as much from projected",
    );
    return row?.["much"] === true;
  }

  #beginCompaction(): void {
    if (this.#compacting !== undefined || this.#database === undefined) return;
    const stop = new AbortController();
    const ended = this.#compact(stop.signal)
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        this.#events.onCompactionFailure?.(error, this.#timer.failed());
      })
      .finally(() => {
        this.#caught = undefined;
        this.#compacting = undefined;
      });
    this.#compacting = { stop, ended };
  }

  async #stopCompaction(): Promise<void> {
    this.#timer.stop();
    this.#compacting?.stop.abort();
    await this.#compacting?.ended;
    this.#timer.stop();
  }

  /**
   * Writes the file anew while questions and entries go on with the old one, then
   * applies to it what has come meanwhile. The position of each is in it, so a
   * crash leaves one or the other, which goes on from there.
   */
  async #compact(signal: AbortSignal): Promise<void> {
    const { file } = this.#options;
    const began = performance.now();
    const copy = await this.#turns.take(async () => {
      const begun = await Copy.begin(this.#open, file, this.#copyFile);
      this.#caught = [];
      return begun;
    });
    await copy.finish(signal);
    failpoint("columns.before-swap");
    await this.#turns.take(async () => {
      signal.throwIfAborted();
      const bytesBefore = (await stat(file)).size;
      await this.#readers.pause(GRACE_MS);
      try {
        await this.#swap();
      } catch (error) {
        // Whatever is there is opened again.
        this.#events.onBroken?.(error);
        throw error;
      }
      const bytesAfter = (await stat(file)).size;
      this.#events.onCompacted?.({
        durationMs: performance.now() - began,
        bytesBefore,
        bytesAfter,
      });
    });
  }

  async #swap(): Promise<void> {
    const { file } = this.#options;
    await this.#open.abandon();
    this.#database = undefined;
    // Without it the old file is one of an earlier position, if it ends here.
    rmSync(`${file}.wal`, { force: true });
    renameSync(this.#copyFile, file);
    this.#removeDamaged();
    const database = await Database.open(this.#options);
    this.#database = database;
    const caught = this.#caught ?? [];
    this.#caught = undefined;
    for (const entries of caught) await this.#applyTo(database, entries);
    this.#readers.open(database);
  }

  /** Keeps a damaged file for whoever wants to look at it: the last one. */
  #setAside(): void {
    const { file } = this.#options;
    this.#damaged = false;
    if (existsSync(file)) renameSync(file, `${file}.damaged`);
    removeDatabase(file);
  }

  #removeDamaged(): void {
    rmSync(`${this.#options.file}.damaged`, { force: true });
  }
}
