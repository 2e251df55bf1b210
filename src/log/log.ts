import type { Caller } from "../caller.ts";

/**
 * The interaction log: the truth of which everything else is a projection.
 *
 * Entries have one order, and each its position in it; positions grow, with
 * gaps where an entry was superseded. An appended entry is on disk before the
 * promise of its append is fulfilled. Viewers and videos are interned: their
 * names stand once, entries hold numbers from 1 up, unique within the log.
 */
export interface Log {
  /** What tells this log from all others, made at random with it. */
  readonly id: string;

  /** The position of the last entry that is on disk; 0 for an empty log. */
  readonly position: number;

  /**
   * Appends a view, or what a repeat of one adds to it.
   * Rejects with a DomainError "resource_exhausted" while too much is waiting
   * to be written, with "unavailable" when it could not be written: then
   * nothing is kept of it.
   */
  appendView(caller: Caller, view: NewView): Promise<ViewReceipt>;

  /**
   * Appends many views, or what repeats add to them: all in one transaction, or
   * none. At most {@link MAX_VIEWS}. Rejects as {@link appendView} does.
   */
  appendViews(caller: Caller, views: readonly NewView[]): Promise<ViewReceipt[]>;

  /** Appends feedback, all of it or none. Rejects as {@link appendView} does. */
  appendFeedback(caller: Caller, feedback: readonly NewFeedback[]): Promise<FeedbackReceipt>;

  /**
   * Erases a viewer: name, views and feedback, with an ERASE entry if there was
   * anything. What is left on disk of them is overwritten when this is
   * fulfilled; an erasure that a crash interrupts goes on at the next start.
   */
  eraseViewer(caller: Caller, viewer: string): Promise<ErasureReceipt>;

  /**
   * Removes the views that began before a time (milliseconds since 1970), and
   * what extended them, with a TRIM entry if there were any. Feedback stays.
   */
  trimViews(caller: Caller, before: number): Promise<TrimReceipt>;

  /** The first `limit` entries after a position, in their order, with all that they say; none at the end. */
  read(after: number, limit: number): Promise<FullEntry[]>;

  /**
   * The next views as they are now, in the order of their positions, by a reader
   * that does not hinder others. At most `limit`; those of a selection that
   * has a viewer whom the log does not know are none.
   */
  readViews(caller: Caller, selection: ViewSelection, limit: number): Promise<ViewPage>;

  /**
   * Writes a copy of the log into a new file: as it is at one moment, while it
   * goes on. Tells the position of the copy.
   */
  copyTo(file: string): Promise<number>;

  /**
   * All entries after a position, as they come, in batches of at most
   * {@link FOLLOW_BATCH}; never an empty one. Ends when the signal aborts, or
   * the log closes.
   */
  follow(after: number, signal: AbortSignal): AsyncIterable<Entry[]>;

  /** Calls back with the new position after each commit. Returns what ends that. */
  onCommit(listener: (position: number) => void): () => void;

  /** The number of a name; undefined if the log has never seen it. */
  findName(project: number, kind: NameKind, name: string): Promise<number | undefined>;

  /** The numbers of all names that begin with a prefix, in no order. */
  findNames(project: number, kind: NameKind, prefix: string): Promise<number[]>;

  /** The names of these numbers, in their order; undefined for one that the log does not have. */
  namesOf(project: number, kind: NameKind, ids: readonly number[]): Promise<(string | undefined)[]>;

  /** What another thread opens a {@link LogReader} with; it can be cloned. */
  readonly source: LogSource;

  /** Waits for what was appended, and lets go of the files. */
  close(): Promise<void>;
}

/** Where a log is, for `openLogReader` in log/reader.ts. */
export interface LogSource {
  /** The file of a SQLite log. */
  readonly file: string;
}

/** Reads a log that another thread or process writes. */
export interface LogReader {
  /** What tells the log from all others. */
  id(): Promise<string>;
  /** The position of the last entry that is on disk; 0 for an empty log. */
  position(): Promise<number>;
  /** The first `limit` entries after a position, in their order; none at the end. */
  read(after: number, limit: number): Promise<FullEntry[]>;
  /** The same for a projection, in two thirds of the time. */
  readProjected(after: number, limit: number): Promise<ProjectedEntry[]>;
  /** Lets go of the files. */
  close(): Promise<void>;
}

/** How many entries a follower gets at once, at most. */
export const FOLLOW_BATCH = 2_000;

/** The tables of names. */
export type NameKind = "viewer" | "video";

/** How many views can be appended at once. */
export const MAX_VIEWS = 10_000;

/** What entries are. The numbers are stored: never change their meaning. */
export const EntryType = { VIEW: 1, EXTEND: 2, FEEDBACK: 3, ERASE: 4, TRIM: 5 } as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** What most followers need of an entry. What a type of entry does not have is 0, of the progress -1. */
export interface Entry {
  readonly position: number;
  readonly project: number;
  readonly type: EntryType;
  /**
   * When it happened: of an EXTEND, when its view began; of a TRIM, before when
   * views were removed. Milliseconds since 1970.
   */
  readonly time: number;
  /** The viewer's number; 0 is nobody in particular. Of an ERASE, who was erased. */
  readonly viewer: number;
  /** The video's number. */
  readonly video: number;
  /** Of a VIEW, for how long it was watched; of an EXTEND, for how much longer than known before. */
  readonly watchMs: number;
  /** Of FEEDBACK, a number of FeedbackKind in the contract. Of a VIEW or an EXTEND, 1 if a bot viewed. */
  readonly kind: number;
  /** Of a rating, the rating. */
  readonly value: number;
  /**
   * Of a VIEW or an EXTEND, how far into the video it got by then, in
   * thousandths; -1 if that is not known or, of an EXTEND, has not changed.
   */
  readonly progress: number;
}

/** All that an entry says. What a type of entry does not have is 0 or "", of the progress -1. */
export interface FullEntry extends Entry {
  /** Of a VIEW, its id. */
  readonly viewId: string;
  /** Of an EXTEND with a progress, that of its view before; else -1. */
  readonly progressBefore: number;
  /** Of a VIEW, where, on what and from where it was viewed; of an EXTEND, that of its view. */
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
  /**
   * Of a VIEW, its own properties: a JSON object of texts, by the order of their
   * names; "" for none. Of an EXTEND, those of its view.
   */
  readonly properties: string;
}

/** What a projection needs of an entry: not what tells it from all others. */
export type ProjectedEntry = Omit<FullEntry, "viewId" | "value">;

export interface NewView {
  readonly viewId: string;
  readonly video: string;
  /** "" for nobody in particular. */
  readonly viewer: string;
  readonly time: number;
  readonly watchMs: number;
  /** How far into the video it got, in thousandths; -1 if that is not known. */
  readonly progress: number;
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
  /** As in {@link FullEntry}. */
  readonly properties: string;
  readonly bot: boolean;
}

export interface ViewReceipt {
  /**
   * - logged: it is a new view.
   * - extended: a view of this id, video and viewer was there, and had a shorter watch or less progress.
   * - duplicate: a view of this id, video and viewer was there.
   * - conflict: a view of this id was there, of another video or viewer; nothing
   *   was written, unless names that the log had not known before.
   */
  readonly outcome: "logged" | "extended" | "duplicate" | "conflict";
  /**
   * The position of the entry: of a duplicate, where the view was extended last,
   * else where it was logged; of a conflict, where the other view was logged.
   */
  readonly position: number;
}

export interface NewFeedback {
  readonly viewer: string;
  readonly video: string;
  readonly kind: number;
  readonly value: number;
  /** When it was given; undefined is now, and changes nothing where the same value stands. */
  readonly time: number | undefined;
}

export interface FeedbackReceipt {
  readonly recorded: number;
  readonly unchanged: number;
  /** The position of the log after it. */
  readonly position: number;
}

export interface ErasureReceipt {
  readonly views: number;
  readonly feedback: number;
  /** The position of the log after it. */
  readonly position: number;
}

export interface TrimReceipt {
  readonly views: number;
  /** The position of the log after it. */
  readonly position: number;
}

/** Which views to read: those of which all of this is true. */
export interface ViewSelection {
  /** After which position, and up to which one. */
  readonly after: number;
  readonly upTo: number;
  /** When they began: from, and before; undefined has no bound. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Whose; "" for everybody's. */
  readonly viewer: string;
}

export interface ViewPage {
  readonly views: readonly StoredView[];
  /** Up to where the log was read: where the next page begins. */
  readonly position: number;
}

/** A view with all that became of it. */
export interface StoredView extends NewView {
  readonly position: number;
}
