import type { Database, Statement } from "better-sqlite3";
import { EntryType, type Entry, type NewFeedback, type NewView } from "./log.ts";
import type { FeedbackReceipt, ViewReceipt } from "./log.ts";
import { Interner } from "./names.ts";

/** What one caller appends: one view, or some feedback. */
export type Append =
  | { readonly project: number; readonly view: NewView }
  | { readonly project: number; readonly feedback: readonly NewFeedback[] };

export type Receipt = ViewReceipt | FeedbackReceipt;

/** What a transaction did. */
export interface Written {
  /** For each append, in their order. */
  readonly receipts: Receipt[];
  /** The new entries, in the order of their positions. */
  readonly entries: Entry[];
  /** The position of the log after it. */
  readonly position: number;
}

interface StandingView {
  position: number;
  time: number;
  viewer: number;
  video: number;
  longest_ms: number;
  extended_at: number;
}

interface StandingFeedback {
  position: number;
  time: number;
  value: number;
}

/** Writes appends to a SQLite log, each batch of them in one transaction. */
export class LogWriter {
  readonly #db: Database;
  readonly #viewers: Interner;
  readonly #videos: Interner;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #insert: Statement;
  readonly #findView: Statement<[number, string], StandingView>;
  readonly #extendView: Statement<[number, number, number]>;
  readonly #findFeedback: Statement<[number, number, number, number], StandingFeedback>;
  readonly #remove: Statement<[number]>;
  readonly #setHead: Statement<[number]>;
  #position: number;

  constructor(db: Database) {
    this.#db = db;
    this.#viewers = new Interner(db, "viewer");
    this.#videos = new Interner(db, "video");
    this.#begin = db.prepare("begin immediate");
    this.#commit = db.prepare("commit");
    this.#rollback = db.prepare("rollback");
    this.#insert = db.prepare(
      `insert into entry values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (project, view_id) where type = 1 do nothing`,
    );
    this.#findView = db.prepare(
      `select position, time, viewer, video, longest_ms, extended_at from entry
       where project = ? and view_id = ? and type = 1`,
    );
    this.#extendView = db.prepare(
      "update entry set longest_ms = ?, extended_at = ? where position = ?",
    );
    this.#findFeedback = db.prepare(
      `select position, time, value from entry
       where project = ? and viewer = ? and video = ? and kind = ? and type = 3`,
    );
    this.#remove = db.prepare("delete from entry where position = ?");
    this.#setHead = db.prepare("update head set position = ?");
    this.#position = this.#head();
  }

  /** What tells this log from all others. */
  get id(): string {
    return this.#db.prepare<[], string>("select log_id from head").pluck().get() ?? "";
  }

  /** The position of the last entry. */
  get position(): number {
    return this.#position;
  }

  /** Writes all of the appends in one transaction that is on disk when it returns, or none. */
  write(appends: readonly Append[]): Written {
    const entries: Entry[] = [];
    this.#begin.run();
    try {
      const receipts = appends.map((append) =>
        "view" in append
          ? this.#appendView(append.project, append.view, entries)
          : this.#appendFeedback(append.project, append.feedback, entries),
      );
      if (entries.length > 0) this.#setHead.run(this.#position);
      this.#commit.run();
      return { receipts, entries, position: this.#position };
    } catch (error) {
      this.#viewers.forget();
      this.#videos.forget();
      // SQLite itself rolls back on some errors, such as a full disk.
      if (this.#db.inTransaction) this.#rollback.run();
      this.#position = this.#head();
      throw error;
    }
  }

  #head(): number {
    return this.#db.prepare<[], number>("select position from head").pluck().get() ?? 0;
  }

  #appendView(project: number, view: NewView, entries: Entry[]): ViewReceipt {
    const entry: Entry = {
      position: this.#position + 1,
      project,
      type: EntryType.VIEW,
      time: view.time,
      viewer: this.#viewers.intern(project, view.viewer),
      video: this.#videos.intern(project, view.video),
      viewId: view.viewId,
      watchMs: view.watchMs,
      country: view.country,
      device: view.device,
      referrer: view.referrer,
      kind: 0,
      value: 0,
    };
    if (this.#insertEntry(entry)) {
      entries.push(entry);
      return { outcome: "logged", position: entry.position };
    }
    const standing = this.#findView.get(project, view.viewId);
    if (standing === undefined) throw new Error("a view is in the way that is not there");
    if (standing.viewer !== entry.viewer || standing.video !== entry.video) {
      return { outcome: "conflict", position: standing.position };
    }
    const longer = view.watchMs - standing.longest_ms;
    if (longer <= 0) return { outcome: "duplicate", position: standing.extended_at };
    this.#extendView.run(view.watchMs, entry.position, standing.position);
    const extension: Entry = {
      ...entry,
      type: EntryType.EXTEND,
      time: standing.time,
      viewId: "",
      watchMs: longer,
      country: "",
      device: "",
      referrer: "",
    };
    this.#insertEntry(extension);
    entries.push(extension);
    return { outcome: "extended", position: extension.position };
  }

  #appendFeedback(
    project: number,
    feedback: readonly NewFeedback[],
    entries: Entry[],
  ): FeedbackReceipt {
    let recorded = 0;
    for (const given of latestOf(feedback)) {
      const viewer = this.#viewers.intern(project, given.viewer);
      const video = this.#videos.intern(project, given.video);
      const standing = this.#findFeedback.get(project, viewer, video, given.kind);
      if (standing !== undefined) {
        if (stands(standing, given)) continue;
        this.#remove.run(standing.position);
      }
      const entry: Entry = {
        position: this.#position + 1,
        project,
        type: EntryType.FEEDBACK,
        time: given.time ?? Math.max(Date.now(), standing?.time ?? 0),
        viewer,
        video,
        viewId: "",
        watchMs: 0,
        country: "",
        device: "",
        referrer: "",
        kind: given.kind,
        value: given.value,
      };
      this.#insertEntry(entry);
      entries.push(entry);
      recorded++;
    }
    return { recorded, unchanged: feedback.length - recorded, position: this.#position };
  }

  /** Whether it was inserted; not if a view of its id is there. */
  #insertEntry(entry: Entry): boolean {
    const { changes } = this.#insert.run(
      entry.position,
      entry.project,
      entry.type,
      entry.time,
      entry.viewer,
      entry.video,
      entry.viewId || null,
      entry.watchMs,
      entry.watchMs,
      entry.position,
      entry.country || null,
      entry.device || null,
      entry.referrer || null,
      entry.kind,
      entry.value,
    );
    if (changes === 0) return false;
    this.#position = entry.position;
    return true;
  }
}

/**
 * Of feedback of the same viewer, video and kind, what stands after all of it:
 * so that the same request, sent again, finds it standing.
 */
function latestOf(feedback: readonly NewFeedback[]): Iterable<NewFeedback> {
  const latest = new Map<string, NewFeedback>();
  for (const given of feedback) {
    const key = JSON.stringify([given.viewer, given.video, given.kind]);
    const before = latest.get(key);
    if (before === undefined || timeOf(given) >= timeOf(before)) latest.set(key, given);
  }
  return latest.values();
}

/** What has no time is given now: later than all that has one. */
function timeOf(feedback: NewFeedback): number {
  return feedback.time ?? Infinity;
}

/** Whether feedback changes nothing where other feedback stands. */
function stands(standing: StandingFeedback, given: NewFeedback): boolean {
  if (given.time === undefined) return given.value === standing.value;
  if (given.time === standing.time) return given.value === standing.value;
  return given.time < standing.time;
}
