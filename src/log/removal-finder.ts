import type { Database, Statement } from "better-sqlite3";
import { EntryType } from "./log.ts";
import { NumberList } from "./numbers.ts";

/** How many positions are looked through at once: some 20 ms. */
export const SCANNED = 50_000;

/** Finds entries that are to be removed, by a scan of the log: what has to go is not indexed. */
export class RemovalFinder {
  readonly #ofViewers: Statement<[number, number, string], number[]>;
  readonly #before: Statement<[number, number, number, number], number[]>;

  constructor(db: Database) {
    const select = "select position, type, viewer from entry where position > ? and position <= ?";
    this.#ofViewers = db
      .prepare<[number, number, string], number[]>(
        `${select} and viewer in (select value from json_each(?)) and type <= ${EntryType.FEEDBACK}`,
      )
      .raw();
    this.#before = db
      .prepare<[number, number, number, number], number[]>(
        `${select} and project = ? and time < ? and type <= ${EntryType.EXTEND}`,
      )
      .raw();
  }

  /** What these viewers did, after one position and up to another: as in log/removal-writer.ts. */
  ofViewers(after: number, upTo: number, viewers: readonly number[]): Float64Array<ArrayBuffer> {
    return flat(this.#ofViewers.all(after, upTo, JSON.stringify(viewers)));
  }

  /** The views that began before a time, and what extended them, in the same form. */
  before(after: number, upTo: number, project: number, time: number): Float64Array<ArrayBuffer> {
    return flat(this.#before.all(after, upTo, project, time));
  }
}

function flat(rows: readonly (readonly number[])[]): Float64Array<ArrayBuffer> {
  const numbers = new NumberList();
  for (const row of rows) for (const number of row) numbers.push(number);
  return numbers.take();
}
