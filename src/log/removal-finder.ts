import type { Database, Statement } from "better-sqlite3";
import { EntryType } from "./log.ts";
import { NumberList } from "./numbers.ts";
import { REMOVED } from "./remover.ts";

/** How many positions are looked through at once: some 20 ms. */
export const SCANNED = 50_000;

/**
 * How many rows there must be between a row that is deleted and one with texts.
 * SQLite moves rows within three pages that stand beside each other, and a page
 * of 4 KiB has at most 681 of them: a row takes 4 bytes at least, and 2 to point at it.
 */
const MARGIN = 3 * 682;

/** Finds entries that are to be removed, by a scan of the log: what has to go is not indexed. */
export class RemovalFinder {
  readonly #ofViewers: Statement<[number, number, string], number[]>;
  readonly #before: Statement<[number, number, number, number], number[]>;
  readonly #rows: Statement<[number, number], [position: number, type: number]>;

  constructor(db: Database) {
    const select = "select position, type, viewer from entry where position > ? and position <= ?";
    this.#ofViewers = db
      .prepare<[number, number, string], number[]>(
        `${select} and viewer in (select value from json_each(?)) and type between ${EntryType.VIEW} and ${EntryType.FEEDBACK}`,
      )
      .raw();
    this.#before = db
      .prepare<[number, number, number, number], number[]>(
        `${select} and project = ? and time < ? and type between ${EntryType.VIEW} and ${EntryType.EXTEND}`,
      )
      .raw();
    this.#rows = db
      .prepare<[number, number], [position: number, type: number]>(
        "select position, type from entry where position > ? order by position limit ?",
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

  /**
   * Of the next rows, the positions of those that were removed and have at least
   * {@link MARGIN} rows between them and the next one with texts, on both sides:
   * to delete them moves no texts. Before them stands after which position
   * to go on; the same position at the end.
   */
  reclaimable(after: number): Float64Array<ArrayBuffer> {
    const rows = this.#rows.all(after, SCANNED);
    const found = new NumberList();
    const ended = rows.length < SCANNED;
    // The next piece begins with what may have texts after the end of this one.
    found.push(ended ? after : (rows[rows.length - 2 * MARGIN]?.[0] ?? after));
    // Before the first row, there is none; after the last, there will be.
    let begin = after === 0 ? 0 : MARGIN;
    for (let index = 0; index <= rows.length; index++) {
      const type = rows[index]?.[1];
      if (type !== undefined && type !== EntryType.VIEW && type !== EntryType.EXTEND) continue;
      for (let at = begin; at < index - MARGIN; at++) {
        const row = rows[at];
        if (row?.[1] === REMOVED) found.push(row[0]);
      }
      begin = index + 1 + MARGIN;
    }
    return found.take();
  }
}

function flat(rows: readonly (readonly number[])[]): Float64Array<ArrayBuffer> {
  const numbers = new NumberList();
  for (const row of rows) for (const number of row) numbers.push(number);
  return numbers.take();
}
