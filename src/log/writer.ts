import type { Database, Statement } from "better-sqlite3";
import { failpoint } from "../failpoint.ts";
import { Draft, type Step, type Written } from "./append.ts";
import type { PendingErasure } from "./erasure-writer.ts";
import { ErasureWriter } from "./erasure-writer.ts";
import { FeedbackWriter } from "./feedback-writer.ts";
import { Interner } from "./interner.ts";
import { VideoNames, ViewerNames } from "./names.ts";
import { RemovalWriter } from "./removal-writer.ts";
import { Remover } from "./remover.ts";
import { readLogId } from "./schema.ts";
import { Keys } from "./view-key.ts";
import { ViewWriter } from "./view-writer.ts";

/** Writes a SQLite log, many appends in one transaction. */
export class LogWriter {
  /** What tells this log from all others. */
  readonly id: string;
  readonly #db: Database;
  readonly #viewers: Interner;
  readonly #videos: Interner;
  readonly #views: ViewWriter;
  readonly #feedback: FeedbackWriter;
  readonly #erasures: ErasureWriter;
  readonly #removals: RemovalWriter;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #setHead: Statement<[number]>;
  readonly #draft: Draft;

  /**
   * A writer of the log that was opened for writing; it first erases whom the
   * journal of erasures, a file, tells of and this log does not.
   */
  constructor(db: Database, erasures: string) {
    this.#db = db;
    this.id = readLogId(db);
    const keys = new Keys(this.id);
    const names = new ViewerNames(db, keys);
    const remover = new Remover(db);
    const viewers = new Interner(names);
    const videos = new Interner(new VideoNames(db));
    this.#viewers = viewers;
    this.#videos = videos;
    const journal = { file: erasures, logId: this.id };
    this.#erasures = new ErasureWriter(db, names, viewers, journal);
    this.#removals = new RemovalWriter(db, this.#erasures, remover);
    const removal = { erasures: this.#erasures, removals: this.#removals, remover };
    this.#views = new ViewWriter(db, keys, { viewers, videos }, removal);
    this.#feedback = new FeedbackWriter(db, viewers, videos, remover);
    this.#begin = db.prepare("begin immediate");
    this.#commit = db.prepare("commit");
    this.#rollback = db.prepare("rollback");
    this.#setHead = db.prepare("update head set position = ?");
    const head = db.prepare<[], number>("select position from head").pluck();
    this.#draft = new Draft(head.get() ?? 0);
    const unapplied = this.#erasures.unapplied();
    if (unapplied.length > 0) {
      this.#transact(() => this.#erasures.apply(unapplied, this.#draft));
    }
  }

  /** The erasures of which something is left to remove. */
  pendingErasures(): PendingErasure[] {
    return this.#erasures.pending();
  }

  /** The position of the last entry. */
  get position(): number {
    return this.#draft.position;
  }

  /** Does all of the steps in one transaction that is on disk when it returns, or none. */
  write(steps: readonly Step[]): Written {
    return this.#transact(() => {
      for (const step of steps) this.#write(step);
    });
  }

  #transact(fill: () => void): Written {
    const draft = this.#draft;
    const start = draft.position;
    this.#begin.run();
    try {
      fill();
      if (draft.entries.length > 0) this.#setHead.run(draft.position);
      failpoint("log.before-commit");
      this.#commit.run();
      this.#erasures.committed();
      failpoint("log.commit-delay");
      failpoint("log.after-commit");
      return {
        receipts: draft.receipts.take(),
        entries: draft.entries.take(),
        position: draft.position,
      };
    } catch (error) {
      this.#undo(start);
      throw error;
    }
  }

  #write(step: Step): void {
    const draft = this.#draft;
    if ("packed" in step) this.#views.write(step.packed, draft);
    else if ("feedback" in step) this.#feedback.write(step.project, step.feedback, draft);
    else if ("erase" in step) this.#erasures.erase(step.project, step.erase, draft);
    else if ("erased" in step) this.#erasures.finish(step.erased, draft);
    else if ("reclaim" in step) this.#removals.reclaim(step.reclaim);
    else if ("remove" in step) this.#removals.remove(step.remove, draft);
    else this.#removals.trim(step.project, step.trimBefore, draft);
  }

  #undo(start: number): void {
    this.#viewers.forget();
    this.#videos.forget();
    this.#draft.entries.clear();
    this.#draft.receipts.clear();
    this.#draft.position = start;
    // SQLite itself rolls back on some errors, such as a full disk.
    if (this.#db.inTransaction) this.#rollback.run();
    this.#erasures.forget();
    this.#removals.forget();
  }
}
