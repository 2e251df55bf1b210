import type { Database, Statement } from "better-sqlite3";

/**
 * How large the WAL gets before it is moved into the main file, in pages of
 * 4 KiB: 64 MiB. Pages that are changed again and again are moved once.
 */
const WAL_PAGES = 16_384;

interface CheckpointResult {
  busy: number;
  /** How many pages are in the WAL. */
  log: number;
}

/** Moves what was committed from the WAL into the main file. */
export class Checkpoints {
  readonly #look: Statement<[], CheckpointResult>;
  readonly #move: Statement<[], CheckpointResult>;
  readonly #empty: Statement<[], CheckpointResult>;

  /** Those of a database whose connection neither does them by itself nor waits for readers. */
  constructor(db: Database) {
    // What waits for a reader keeps all others waiting.
    db.pragma("busy_timeout = 0");
    this.#look = db.prepare("pragma wal_checkpoint(NOOP)");
    this.#move = db.prepare("pragma wal_checkpoint(PASSIVE)");
    this.#empty = db.prepare("pragma wal_checkpoint(TRUNCATE)");
  }

  /**
   * Moves what can be moved now, if it is much. What cannot is not lost, and is
   * tried again: it is on disk as it is.
   */
  moveIfMuch(): void {
    try {
      if ((this.#look.get()?.log ?? 0) >= WAL_PAGES) this.#move.get();
    } catch {
      // Such as a full disk: commits say so themselves if they fail.
    }
  }

  /**
   * Moves all of it, and cuts the WAL to nothing, so that nothing is left in it
   * of what was removed. False if somebody was reading what is there: try again.
   */
  empty(): boolean {
    return this.#empty.get()?.busy === 0;
  }
}
