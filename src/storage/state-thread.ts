import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { serveThread, threadData } from "../thread.ts";

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
mkdirSync(dirname(file), { recursive: true });
const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("secure_delete = ON");
db.pragma("foreign_keys = ON");

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
  /** Lets go of the file. */
  close: (): void => {
    db.close();
  },
};

export type StateApi = typeof api;

serveThread(api);
