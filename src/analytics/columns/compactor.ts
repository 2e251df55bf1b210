import { stat } from "node:fs/promises";
import { failpoint } from "../../failpoint.ts";
import type { ProjectedEntry } from "../../log/log.ts";
import type { Removed } from "./apply.ts";
import { ClusteringTimer, CompactionTimer, type CompactionTimes } from "./compaction-timer.ts";
import { catchUp, CaughtEntries, Copy } from "./compaction.ts";
import { removeDatabase, type Database, type DatabaseOptions } from "./database.ts";
import { numberOf, readRows } from "./rows.ts";
import type { Turns } from "./turns.ts";

/** How many entries may come while a copy is written: they are kept in memory, to be applied to it. */
const MAX_CAUGHT = 200_000;

/** How much memory a copy may take while it is brought up to date, beside the file that is open. */
const COPY_MEMORY_MB = 256;

export interface CompactionEvents {
  /** The file was written anew: without what was erased or trimmed, and clustered. */
  readonly onCompacted?: (compaction: Compacted) => void;
  /** The file could not be written anew. That is tried again. */
  readonly onCompactionFailure?: (error: unknown, failed: CompactionFailed) => void;
}

/** What a compaction is for: to be rid of what was removed, or only to cluster rows, see compaction.ts. */
export type CompactionPurpose = "remove" | "cluster";

export interface CompactionFailed {
  readonly purpose: CompactionPurpose;
  /** After how many milliseconds it is tried again. */
  readonly retryMs: number;
}

export interface Compacted {
  readonly purpose: CompactionPurpose;
  readonly durationMs: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** The columns whose file is compacted. */
export interface CompactedColumns {
  readonly options: DatabaseOptions;
  /** In which the file changes, or which one it is. */
  readonly turns: Turns;
  /** The file that is open, if one is. */
  database(): Database | undefined;
  /** Puts a copy in the place of the file, in a turn, and applies to it what it has not yet. */
  replaceWith(copy: string, caught: readonly (readonly ProjectedEntry[])[]): Promise<void>;
}

interface Running {
  readonly purpose: CompactionPurpose;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Writes the file of columns anew when that is worth it. */
export class Compactor {
  readonly #columns: CompactedColumns;
  readonly #events: CompactionEvents;
  readonly #removal: CompactionTimer;
  readonly #clustering: ClusteringTimer;
  #running: Running | undefined;
  /** What has been applied since a copy was begun. */
  #caught: CaughtEntries | undefined;

  constructor(columns: CompactedColumns, times: CompactionTimes, events: CompactionEvents) {
    this.#columns = columns;
    this.#events = events;
    this.#removal = new CompactionTimer(times, () => this.#begin("remove"));
    this.#clustering = new ClusteringTimer(times, () => this.#begin("cluster"));
  }

  /** Removes a copy that was not finished, of a process that was killed. */
  discard(): void {
    removeDatabase(this.#copyFile);
  }

  /** The same of one that is finished, and took nobody's place. */
  #tryDiscard(): void {
    try {
      this.discard();
    } catch {
      // The next one begins with it, and so does who opens the file.
    }
  }

  /** A file was opened. */
  async opened(database: Database): Promise<void> {
    const [row] = await readRows(
      database.writer,
      "select erased, clustered, (select count(*) from view) as rows from projected",
    );
    this.#clustering.opened(numberOf(row, "rows"), numberOf(row, "clustered"));
    if (row?.["erased"] === true || (await isMuchTrimmed(database))) this.#removal.removed();
  }

  /** Waits until there is room for more entries. */
  async room(): Promise<void> {
    if ((this.#caught?.size ?? 0) <= MAX_CAUGHT) return;
    // What only makes questions faster must not make answers late.
    if (this.#running?.purpose === "cluster") this.#running.stop.abort();
    await this.#running?.ended;
  }

  /** Entries were applied to the file, in this turn. */
  applied(entries: readonly ProjectedEntry[]): void {
    this.#clustering.added(entries.length);
    this.#caught?.push([...entries]);
  }

  /** Something may have been removed from the file. */
  async removed(database: Database, { erased, trimmed }: Removed): Promise<void> {
    if (erased > 0 || (trimmed > 0 && (await isMuchTrimmed(database)))) this.#removal.removed();
  }

  /** Breaks off what is being done, and begins nothing more until a file is opened. */
  async stop(): Promise<void> {
    const stopTimers = (): void => {
      this.#removal.stop();
      this.#clustering.stop();
    };
    stopTimers();
    this.#running?.stop.abort();
    await this.#running?.ended;
    stopTimers();
  }

  get #copyFile(): string {
    return `${this.#columns.options.file}.compact`;
  }

  #begin(purpose: CompactionPurpose): void {
    if (this.#running !== undefined) {
      // What was removed since it began may be in its copy.
      if (purpose === "remove") this.#removal.removed();
      return;
    }
    const database = this.#columns.database();
    if (database === undefined) return;
    const stop = new AbortController();
    const timer = purpose === "remove" ? this.#removal : this.#clustering;
    const ended = this.#compact(purpose, stop.signal)
      .catch((error: unknown) => {
        this.#tryDiscard();
        if (stop.signal.aborted) return;
        this.#events.onCompactionFailure?.(error, { purpose, retryMs: timer.failed() });
      })
      .finally(() => {
        this.#caught = undefined;
        this.#running = undefined;
      });
    this.#running = { purpose, stop, ended };
  }

  /**
   * Writes the file anew while questions and entries go on with the old one, then
   * applies to it what has come meanwhile. The position of each is in it, so a
   * crash leaves one or the other, which goes on from there.
   */
  async #compact(purpose: CompactionPurpose, signal: AbortSignal): Promise<void> {
    const { options, turns } = this.#columns;
    const { file } = options;
    const began = performance.now();
    const caught = new CaughtEntries();
    const copy = await turns.take(async () => {
      const database = this.#columns.database();
      if (database === undefined) throw new Error("the columns are not open");
      const begun = await Copy.begin(database, file, this.#copyFile);
      this.#caught = caught;
      return begun;
    });
    await copy.finish(signal);
    const copyOptions = { ...options, file: this.#copyFile, memoryMb: COPY_MEMORY_MB };
    if (await catchUp(copyOptions, caught, signal)) this.#removal.removed();
    failpoint("columns.before-swap");
    await turns.take(async () => {
      signal.throwIfAborted();
      const bytesBefore = (await stat(file)).size;
      this.#caught = undefined;
      await this.#columns.replaceWith(this.#copyFile, caught.takeAll());
      const bytesAfter = (await stat(file)).size;
      this.#events.onCompacted?.({
        purpose,
        durationMs: performance.now() - began,
        bytesBefore,
        bytesAfter,
      });
    });
  }
}

/** Whether a tenth of the rows in the file are there in vain. */
async function isMuchTrimmed({ writer }: Database): Promise<boolean> {
  const [row] = await readRows(
    writer,
    "select trimmed > 0 and 10 * trimmed >= (select count(*) from view) as much from projected",
  );
  return row?.["much"] === true;
}
