import type { Database, Statement } from "better-sqlite3";
import { EntryType } from "./log.ts";

/** The type of what is left in the place of an entry that was removed. */
export const REMOVED = 0;

/**
 * Removes entries. Their rows stay, and have nothing in them: to delete one may
 * move its neighbours to another page, which leaves copies of their texts where
 * they were. Rows that have none near them are deleted when there are
 * many: see log/reclaimer.ts.
 */
export class Remover {
  readonly #empty: Statement<[number]>;
  readonly #removeExtended: Statement<[number]>;
  readonly #delete: Statement<[number]>;

  constructor(db: Database) {
    // It gets smaller, so it stays in its page, and what it was is overwritten.
    this.#empty = db.prepare(
      `update entry set type = ${REMOVED}, project = 0, time = 0, viewer = 0, video = 0,
         view_key = null, view_id = null, watch_ms = 0, country = null, device = null,
         referrer = null, kind = 0, value = 0, progress = null, progress_before = null,
         properties = null
       where position = ? and type > ${REMOVED}`,
    );
    this.#removeExtended = db.prepare("delete from extended where position = ?");
    this.#delete = db.prepare(`delete from entry where position = ? and type = ${REMOVED}`);
  }

  /** Removes an entry of a type; false if it is not there. */
  remove(position: number, type: EntryType): boolean {
    if (type === EntryType.VIEW) this.#removeExtended.run(position);
    return this.#empty.run(position).changes > 0;
  }

  /** Deletes the row of an entry that was removed. */
  delete(position: number): void {
    this.#delete.run(position);
  }
}
