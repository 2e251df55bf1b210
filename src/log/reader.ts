import type { Database, Statement } from "better-sqlite3";
import { ENTRY_COLUMNS, NUMBER_COLUMNS, entryOf, type EntryRow } from "./entry-row.ts";
import type { FullEntry, LogReader, LogSource } from "./log.ts";
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
  readonly #readNumbers: Statement<[number, number], number[]>;

  constructor(db: Database) {
    this.#db = db;
    this.#head = db.prepare<[], number>("select position from head").pluck();
    this.#read = db
      .prepare<[number, number], EntryRow>(
        `select ${ENTRY_COLUMNS} from entry where position > ? and type > ${REMOVED} order by position limit ?`,
      )
      .raw();
    this.#readNumbers = db
      .prepare<[number, number], number[]>(
        `select ${NUMBER_COLUMNS} from entry where position > ? and type > ${REMOVED} order by position limit ?`,
      )
      .raw();
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
