import type { Database, Statement } from "better-sqlite3";
import type { Draft } from "./append.ts";
import {
  addErasure,
  erasureDigest,
  erasureLine,
  readErasures,
  type ErasureLine,
} from "./erasure-journal.ts";
import type { Interner } from "./interner.ts";
import { EntryType } from "./log.ts";
import type { ViewerNames } from "./names.ts";

/** An erasure of which something is left to remove. */
export interface PendingErasure {
  /** Of the ERASE entry. */
  readonly position: number;
  /** The number of the viewer. */
  readonly viewer: number;
  readonly digest: string;
  /** Up to where their entries have been removed. */
  readonly removedUpTo: number;
}

/** Where the log writes whom it erases. */
export interface ErasureJournal {
  readonly file: string;
  readonly logId: string;
}

/** Writes that viewers are erased. What is left of them is removed afterwards, step by step. */
export class ErasureWriter {
  readonly #db: Database;
  readonly #names: ViewerNames;
  readonly #viewers: Interner;
  readonly #journal: ErasureJournal;
  readonly #insertEntry: Statement<unknown[]>;
  readonly #insert: Statement<[number, number, string]>;
  readonly #applied: Statement<[string]>;
  readonly #count: Statement<[number, number, number, number]>;
  readonly #totals: Statement<[number], [number, number]>;
  readonly #remove: Statement<[number]>;
  /** The lines that were written for erasures which are not committed, of each digest. */
  readonly #attempts = new Map<string, string[]>();
  /** The digests of the erasures that the next commit has. */
  #begun: string[] = [];
  /** Whose entries are being removed. */
  #viewersLeft: Set<number>;

  constructor(db: Database, names: ViewerNames, viewers: Interner, journal: ErasureJournal) {
    this.#db = db;
    this.#names = names;
    this.#viewers = viewers;
    this.#journal = journal;
    this.#insertEntry = db.prepare(
      `insert into entry (position, project, type, time, viewer, video, watch_ms,
         kind, value)
       values (?, ?, 4, ?, ?, 0, 0, 0, 0)`,
    );
    this.#insert = db.prepare("insert into erasure values (?, ?, ?, 0, 0, 0)");
    this.#applied = db.prepare("insert or ignore into erasure_line values (?)");
    this.#count = db.prepare(
      `update erasure set removed_up_to = max(removed_up_to, ?), views = views + ?,
         feedback = feedback + ? where viewer = ?`,
    );
    this.#totals = db
      .prepare<[number], [number, number]>("select views, feedback from erasure where viewer = ?")
      .raw();
    this.#remove = db.prepare("delete from erasure where viewer = ?");
    this.#viewersLeft = this.#readLeft();
  }

  /** The erasures of which something is left to remove. */
  pending(): PendingErasure[] {
    return this.#db
      .prepare<[], PendingErasure>(
        "select position, viewer, digest, removed_up_to as removedUpTo from erasure",
      )
      .all();
  }

  /** Whether the entries of a viewer are being removed. */
  isErased(viewer: number): boolean {
    return this.#viewersLeft.has(viewer);
  }

  /**
   * Removes the name of a viewer, and writes an ERASE entry. The receipt is the
   * viewer's number, or 0 if the log does not know them, and the position.
   */
  erase(project: number, viewer: string, draft: Draft): void {
    if (this.#names.find(project, viewer) === undefined) {
      draft.receipts.push(0);
      draft.receipts.push(draft.position);
      return;
    }
    const { file, logId } = this.#journal;
    const digest = erasureDigest(logId, project, viewer);
    const line = erasureLine(digest);
    const attempts = [...(this.#attempts.get(digest) ?? []), line.id];
    this.#attempts.set(digest, attempts);
    // Before the commit: a line too many asks for what was asked for, one too few forgets it.
    addErasure(file, line, draft.position + 1);
    const number = this.#eraseName(project, viewer, digest, draft);
    // With those of attempts that failed, or the next start would erase who came anew.
    for (const id of attempts) this.#applied.run(id);
    this.#begun.push(digest);
    draft.receipts.push(number);
    draft.receipts.push(draft.position);
  }

  /** Counts what was removed of a viewer, up to a position of the log. */
  removed(viewer: number, views: number, feedback: number, upTo: number): void {
    this.#count.run(upTo, views, feedback, viewer);
  }

  /** Nothing is left to remove of a viewer. The receipt is how many views and how much feedback was. */
  finish(viewer: number, draft: Draft): void {
    const [views, feedback] = this.#totals.get(viewer) ?? [0, 0];
    this.#remove.run(viewer);
    this.#viewersLeft.delete(viewer);
    draft.receipts.push(views);
    draft.receipts.push(feedback);
  }

  /** The lines of the journal that this log, which may be an older one, does not know of. */
  unapplied(): ErasureLine[] {
    const known = this.#db
      .prepare<[string], number>("select 1 from erasure_line where id = ?")
      .pluck();
    return readErasures(this.#journal.file).filter(({ id }) => known.get(id) === undefined);
  }

  /** Erases whom these lines tell of. */
  apply(lines: readonly ErasureLine[], draft: Draft): void {
    const digests = new Set(lines.map(({ digest }) => digest));
    const found = [];
    const names = this.#db.prepare<[], { project: number; name: string }>(
      "select project, name from viewer where name is not null",
    );
    for (const { project, name } of names.iterate()) {
      const digest = erasureDigest(this.#journal.logId, project, name);
      if (digests.has(digest)) found.push({ project, name, digest });
    }
    for (const { project, name, digest } of found) this.#eraseName(project, name, digest, draft);
    for (const { id } of lines) this.#applied.run(id);
  }

  /** After a commit: what was begun in it is on disk. */
  committed(): void {
    for (const digest of this.#begun) this.#attempts.delete(digest);
    this.#begun = [];
  }

  /** After a rollback: what was begun in it has not. */
  forget(): void {
    this.#begun = [];
    this.#viewersLeft = this.#readLeft();
  }

  #eraseName(project: number, viewer: string, digest: string, draft: Draft): number {
    const number = this.#names.find(project, viewer);
    if (number === undefined) throw new Error("a viewer is gone who was there");
    this.#names.remove(number);
    this.#viewers.forgetName(project, viewer);
    const position = ++draft.position;
    const time = Date.now();
    this.#insertEntry.run(position, project, time, number);
    this.#insert.run(position, number, digest);
    this.#viewersLeft.add(number);
    draft.entries.pushEntry(position, project, EntryType.ERASE, time, number, 0, 0, 0, 0, -1);
    return number;
  }

  #readLeft(): Set<number> {
    return new Set(this.pending().map(({ viewer }) => viewer));
  }
}
