import type { Database, Statement } from "better-sqlite3";
import type { Draft } from "./append.ts";
import type { ErasureWriter } from "./erasure-writer.ts";
import { EntryType } from "./log.ts";
import type { Remover } from "./remover.ts";

/** How many numbers say of an entry that it is to be removed: its position, type and viewer. */
export const REMOVAL_NUMBERS = 3;

/** Entries to be removed. */
export interface Removal {
  /** {@link REMOVAL_NUMBERS} for each entry. */
  readonly entries: Float64Array;
  /** If they go because their viewers are erased, up to where this is all of theirs. */
  readonly erasedUpTo: number | undefined;
}

/** A TRIM entry. */
interface Trim {
  readonly position: number;
  readonly project: number;
  readonly time: number;
}

/** Removes entries, and writes that views were removed because of their age. */
export class RemovalWriter {
  readonly #db: Database;
  readonly #erasures: ErasureWriter;
  readonly #remover: Remover;
  readonly #insert: Statement<[number, number, number]>;
  readonly #insertTrim: Statement<[number, number, number]>;
  readonly #removeTrim: Statement<[number]>;
  /** Few: one takes the place of those before that it includes. */
  #trims: Trim[];

  constructor(db: Database, erasures: ErasureWriter, remover: Remover) {
    this.#db = db;
    this.#erasures = erasures;
    this.#remover = remover;
    this.#insert = db.prepare(
      `insert into entry (position, project, type, time, viewer, video, watch_ms,
         kind, value)
       values (?, ?, 5, ?, 0, 0, 0, 0, 0)`,
    );
    this.#insertTrim = db.prepare("insert into trim values (?, ?, ?)");
    this.#removeTrim = db.prepare("delete from trim where position = ?");
    this.#trims = this.#readTrims();
  }

  /** Whether a view is removed because of its age, though it may still be there. */
  isTrimmed(project: number, position: number, time: number): boolean {
    return this.#trims.some(
      (trim) => trim.project === project && position < trim.position && time < trim.time,
    );
  }

  /** After a rollback: what was begun in it has not. */
  forget(): void {
    this.#trims = this.#readTrims();
  }

  /**
   * Writes that the views up to here that began before a time are removed, which
   * is done afterwards: a projection that reads on while they go has none of them
   * left when it comes here. The receipt is the position.
   */
  trim(project: number, before: number, draft: Draft): void {
    const isSuperseded = (trim: Trim): boolean => trim.project === project && trim.time <= before;
    for (const { position } of this.#trims.filter(isSuperseded)) {
      this.#remover.remove(position, EntryType.TRIM);
      this.#removeTrim.run(position);
    }
    const position = ++draft.position;
    this.#insert.run(position, project, before);
    this.#insertTrim.run(position, project, before);
    this.#trims = this.#trims.filter((trim) => !isSuperseded(trim));
    this.#trims.push({ position, project, time: before });
    draft.entries.pushEntry(position, project, EntryType.TRIM, before, 0, 0, 0, 0, 0, -1);
    draft.receipts.push(position);
  }

  /** Removes entries that are still there. The receipt is how many of them were views. */
  remove({ entries, erasedUpTo }: Removal, draft: Draft): void {
    let views = 0;
    const byViewer = new Map<number, { views: number; feedback: number }>();
    for (let at = 0; at < entries.length; at += REMOVAL_NUMBERS) {
      const type = entries[at + 1] as EntryType;
      const viewer = entries[at + 2] as number;
      const removed = this.#remover.remove(entries[at] as number, type) ? 1 : 0;
      const counts = byViewer.get(viewer) ?? { views: 0, feedback: 0 };
      byViewer.set(viewer, counts);
      if (type === EntryType.VIEW) counts.views += removed;
      if (type === EntryType.FEEDBACK) counts.feedback += removed;
      if (type === EntryType.VIEW) views += removed;
    }
    if (erasedUpTo !== undefined) {
      for (const [viewer, counts] of byViewer) {
        this.#erasures.removed(viewer, counts.views, counts.feedback, erasedUpTo);
      }
    }
    draft.receipts.push(views);
  }

  /** Deletes the rows of entries that were removed. There is no receipt. */
  reclaim(positions: Float64Array): void {
    for (const position of positions) this.#remover.delete(position);
  }

  #readTrims(): Trim[] {
    return this.#db.prepare<[], Trim>("select position, project, time from trim").all();
  }
}
