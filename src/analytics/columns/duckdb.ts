import { existsSync, renameSync, rmSync } from "node:fs";
import { EntryType, type ProjectedEntry } from "../../log/log.ts";
import { applyEntries, type Removed } from "./apply.ts";
import { Ask } from "./ask.ts";
import { AskedByName } from "./asked-by-name.ts";
import type { Answer, Columns } from "./columns.ts";
import type { CompactionTimes } from "./compaction-timer.ts";
import { Compactor, type CompactionEvents } from "./compactor.ts";
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

export interface DuckDBColumnsEvents extends CompactionEvents {
  /** The columns have to be opened again. */
  readonly onBroken?: (error: unknown) => void;
}

/** For how long questions may hold up the new file, in milliseconds, before they are asked of it anew. */
const GRACE_MS = 2_000;

/** Views in a DuckDB file. One process at a time, and one thread of it, may have it open. */
export class DuckDBColumns extends AskedByName implements Columns {
  readonly #options: DuckDBColumnsOptions;
  readonly #events: DuckDBColumnsEvents;
  readonly #readers = new ReaderPool();
  /** What changes the file, or which one it is, is done one after the other. */
  readonly #turns = new Turns();
  readonly #compactor: Compactor;
  #database: Database | undefined;
  #logId = "";
  #damaged = false;
  #standing = new StandingTotals();
  /** At least as large as the number of any viewer in the file. */
  #largestViewer = 0;

  /** Opens nothing yet. */
  constructor(options: DuckDBColumnsOptions, events: DuckDBColumnsEvents = {}) {
    super();
    this.#options = options;
    this.#events = events;
    this.#compactor = new Compactor(
      {
        options,
        turns: this.#turns,
        database: () => this.#database,
        replaceWith: (copy, caught) => this.#replaceWith(copy, caught),
      },
      options.compaction ?? {},
      events,
    );
  }

  async open(logId: string): Promise<number> {
    await this.#compactor.stop();
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
    await this.#compactor.room();
    await this.#turns.take(async () => {
      const { sums } = await this.#applyTo(this.#open, entries);
      this.#standing.apply(entries, sums);
      this.#compactor.applied(entries);
    });
  }

  async reset(): Promise<void> {
    await this.#compactor.stop();
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
    await this.#compactor.stop();
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
    this.#compactor.discard();
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
    await this.#compactor.opened(database);
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
    await database.writer.run("insert into projected values ($1, $2, 0, 0, false, 0)", [
      this.#logId,
      SCHEMA_VERSION,
    ]);
    await database.writer.run("commit");
    await this.#compactor.opened(database);
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
    await this.#compactor.removed(database, removed);
    return removed;
  }

  /** Puts a copy in the place of the file, in a turn, and applies to it what it has not yet. */
  async #replaceWith(copy: string, caught: readonly (readonly ProjectedEntry[])[]): Promise<void> {
    await this.#readers.pause(GRACE_MS);
    try {
      await this.#swap(copy, caught);
    } catch (error) {
      // Whatever is there is opened again.
      this.#events.onBroken?.(error);
      throw error;
    }
  }

  async #swap(copy: string, caught: readonly (readonly ProjectedEntry[])[]): Promise<void> {
    const { file } = this.#options;
    await this.#open.abandon();
    this.#database = undefined;
    // Without it the old file is one of an earlier position, if it ends here.
    rmSync(`${file}.wal`, { force: true });
    renameSync(copy, file);
    this.#removeDamaged();
    const database = await Database.open(this.#options);
    this.#database = database;
    for (const entries of caught) await this.#applyTo(database, entries);
    await this.#compactor.opened(database);
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
