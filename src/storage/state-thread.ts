import type { Database } from "better-sqlite3";
import { serveThread, threadData } from "../thread.ts";
import { openDurable } from "./durable-database.ts";
import { wordsOf } from "./words.ts";

/** The thread that has the state database: its commits wait for the disk here. */

export interface StateThreadData {
  readonly file: string;
}

/** The rows of a query, or what a statement changed. */
export interface StateResult {
  readonly rows: unknown[];
  readonly changes: number;
  readonly lastInsertRowid: number;
}

const { file } = threadData<StateThreadData>();
const db = open();

const api = {
  /** Runs one statement. */
  run: (statement: string, parameters: readonly unknown[]): StateResult => {
    const prepared = db.prepare(statement);
    if (prepared.reader) {
      return { rows: prepared.all(...parameters), changes: 0, lastInsertRowid: 0 };
    }
    const { changes, lastInsertRowid } = prepared.run(...parameters);
    return { rows: [], changes, lastInsertRowid: Number(lastInsertRowid) };
  },
  /** Ends a transaction, unless SQLite has done so, as it does when the disk is full. */
  rollback: (): void => {
    if (db.inTransaction) db.exec("rollback");
  },
  /** Lets go of the file. */
  close: (): void => {
    db.close();
  },
};

export type StateApi = typeof api;

serveThread(api);

function open(): Database {
  try {
    const opened = openDurable(file);
    // For the full-text index.
    opened.function("words", { deterministic: true }, (text) =>
      typeof text === "string" ? wordsOf(text).join(" ") : null,
    );
    return opened;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `the state database ${file} cannot be opened: ${reason}: restore it from a backup`,
      { cause },
    );
  }
}
