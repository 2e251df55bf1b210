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

  /** Appends feedback, all of it or none. Rejects as {@link appendView} does. */
  appendFeedback(caller: Caller, feedback: readonly NewFeedback[]): Promise<FeedbackReceipt>;

  /** The first `limit` entries after a position, in their order; none at the end. */
  read(after: number, limit: number): Promise<Entry[]>;

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
  read(after: number, limit: number): Promise<Entry[]>;
  /** Lets go of the files. */
  close(): Promise<void>;
}

/** How many entries a follower gets at once, at most. */
export const FOLLOW_BATCH = 2_000;

/** The tables of names. */
export type NameKind = "viewer" | "video";

/** What entries are. The numbers are stored: never change their meaning. */
export const EntryType = { VIEW: 1, EXTEND: 2, FEEDBACK: 3 } as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** One entry of the log. What a type of entry does not have is 0 or "". */
export interface Entry {
  readonly position: number;
  readonly project: number;
  readonly type: EntryType;
  /** When it happened: of an EXTEND, when its view began. Milliseconds since 1970. */
  readonly time: number;
  /** The viewer's number; 0 is nobody in particular. */
  readonly viewer: number;
  /** The video's number. */
  readonly video: number;
  /** Of a VIEW, its id. */
  readonly viewId: string;
  /** Of a VIEW, for how long it was watched; of an EXTEND, for how much longer than known before. */
  readonly watchMs: number;
  /** Of a VIEW, where, on what and from where it was viewed. */
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
  /** Of FEEDBACK, a number of FeedbackKind in the contract. */
  readonly kind: number;
  /** Of a rating, the rating. */
  readonly value: number;
}

export interface NewView {
  readonly viewId: string;
  readonly video: string;
  /** "" for nobody in particular. */
  readonly viewer: string;
  readonly time: number;
  readonly watchMs: number;
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
}

export interface ViewReceipt {
  /**
   * - logged: it is a new view.
   * - extended: a view of this id, video and viewer was there, and had a shorter watch.
   * - duplicate: a view of this id, video and viewer was there.
   * - conflict: a view of this id was there, of another video or viewer; nothing was written.
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
