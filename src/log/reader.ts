import type { Database, Statement } from "better-sqlite3";
import {
  ENTRY_COLUMNS,
  NUMBER_COLUMNS,
  PROJECTED_COLUMNS,
  entryOf,
  projectedEntryOf,
  type EntryRow,
  type ProjectedRow,
} from "./entry-row.ts";
import type { FullEntry, LogReader, LogSource, ProjectedEntry } from "./log.ts";
import { NumberList } from "./numbers.ts";
import { REMOVED } from "./remover.ts";
import { openForReading, readLogId } from "./schema.ts";

/** Opens a log that another thread or process writes. */
export function openLogReader(source: LogSource): LogReader {
  return new SqliteLogReader(openForReading(source.file));
}

/** Reads a log by a connection of its own. */
export class SqliteLogReader implements LogReader {
  readonly #db: Database;
  readonly #head: Statement<[], number>;
  readonly #read: Statement<[number, number], EntryRow>;
  readonly #readProjected: Statement<[number, number], ProjectedRow>;
  readonly #readNumbers: Statement<[number, number], number[]>;

  constructor(db: Database) {
    this.#db = db;
    this.#head = db.prepare<[], number>("select position from head").pluck();
    const select = <Row>(columns: string): Statement<[number, number], Row> =>
      db
        .prepare<[number, number], Row>(
          `select ${columns} from entry where position > ? and type > ${REMOVED} order by position limit ?`,
        )
        .raw();
    this.#read = select(ENTRY_COLUMNS);
    this.#readProjected = select(PROJECTED_COLUMNS);
    this.#readNumbers = select(NUMBER_COLUMNS);
  }

  async id(): Promise<string> {
    return readLogId(this.#db);
  }

  async position(): Promise<number> {
    return this.#head.get() ?? 0;
  }

  async read(after: number, limit: number): Promise<FullEntry[]> {
    return this.#read.all(after, limit).map(entryOf);
  }

  async readProjected(after: number, limit: number): Promise<ProjectedEntry[]> {
    return this.#readProjected.all(after, limit).map(projectedEntryOf);
  }

  /** The same without their texts, as in log/numbers.ts. */
  readNumbers(after: number, limit: number): Float64Array<ArrayBuffer> {
    const numbers = new NumberList();
    for (const row of this.#readNumbers.all(after, limit)) {
      for (const number of row) numbers.push(number);
    }
    return numbers.take();
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
