import type { ProjectedEntry } from "../../log/log.ts";
import type { Projection } from "../../log/projector.ts";
import type { ViewQuery } from "./view-query.ts";

/** A half-open span of time, in milliseconds since 1970; undefined has no bound. */
export interface Span {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** What is known of some views; views by bots are in none of it. */
export interface ViewCounts {
  readonly views: number;
  /** Exact; views by nobody in particular are not in it. */
  readonly uniqueViewers: number;
  readonly watchMs: number;
}

/** All that is known of some views; those by bots are in `botViews` only. */
export interface ViewTotals extends ViewCounts {
  readonly botViews: number;
  /** How many views told how far they got. */
  readonly progressViews: number;
  /** How far they got, all together, in thousandths. */
  readonly progressSum: number;
  /** How many of them got to 950 thousandths or more. */
  readonly completed: number;
}

/** What is known of one video, by its number in the log. */
export interface VideoTotals extends ViewCounts {
  readonly video: number;
}

/** The last video of the page before: where the next one begins. */
export interface TopCursor {
  readonly views: number;
  readonly video: number;
}

/** Two spans of time that adjoin, of milliseconds since 1970: [from, middle) and [middle, to). */
export interface TwoSpans {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
}

/** A video whose views grow. */
export interface TrendingVideo {
  readonly video: number;
  /** In [middle, to). */
  readonly views: number;
  /** In [from, middle). */
  readonly previousViews: number;
  /** (views - previousViews) / sqrt(previousViews + 1) */
  readonly score: number;
}

/**
 * How many rows say that a view got to `progress` that had been at
 * `progressBefore`, in thousandths; -1 if nothing was known of it before. A view
 * that told is in exactly one group with the -1: it is one of those who got to k
 * by the groups with progressBefore < k <= progress.
 */
export interface ProgressStep {
  readonly progressBefore: number;
  readonly progress: number;
  readonly count: number;
}

/** What a live count of a video, or of all of them, begins with. */
export interface LiveCount {
  /** The video; undefined for all. */
  readonly video: number | undefined;
  readonly views: number;
  readonly watchMs: number;
  /** The numbers of all different viewers, in no order. */
  readonly viewers: Int32Array;
  /** Those of them with a row of a time of `currentSince` or later; an extension has its view's time. */
  readonly current: Int32Array;
}

/** Counts at one moment: of the log up to this position, and of nothing after it. */
export interface LiveSnapshot {
  readonly position: number;
  /** One for each video that was asked for, in that order, zeros for one without views; or one for all. */
  readonly counts: readonly LiveCount[];
}

/** What a query takes in place of its `?`. */
export type QueryValue = number | string | bigint | null;

/**
 * A row of a query's answer, by the names of its columns. All numbers, whatever
 * type of DuckDB they have, are plain numbers, which is exact up to 2^53.
 */
export type Row = Readonly<Record<string, number | string | boolean | null>>;

/**
 * The questions that columns answer; each about one project. A question that is
 * not worth an answer any more, as its signal says, is broken off within the
 * engine, and rejects with the signal's reason.
 */
export interface ColumnQueries {
  /** What is known of a video, or of all of them (undefined); zeros without views. */
  viewTotals(
    project: number,
    video: number | undefined,
    span: Span,
    signal?: AbortSignal,
  ): Promise<ViewTotals>;

  /**
   * The videos with the most views in the span, those with equally many by
   * their numbers; at most `limit`, after `after`. None without a view.
   */
  topVideos(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
    signal?: AbortSignal,
  ): Promise<VideoTotals[]>;

  /** The videos with a score above 0, highest first, those with the same by their numbers; at most `limit`. */
  trending(
    project: number,
    spans: TwoSpans,
    limit: number,
    signal?: AbortSignal,
  ): Promise<TrendingVideo[]>;

  /** How far the views of a video got, grouped, in no order. */
  retention(
    project: number,
    video: number,
    span: Span,
    signal?: AbortSignal,
  ): Promise<ProgressStep[]>;

  /**
   * What live counts of some videos, or of all together (undefined), begin with;
   * `currentSince` in milliseconds since 1970.
   */
  liveSnapshot(
    project: number,
    videos: readonly number[] | undefined,
    currentSince: number,
    signal?: AbortSignal,
  ): Promise<LiveSnapshot>;

  /** The rows of a question about views: see query-sql.ts for their columns. */
  viewRows(query: ViewQuery, signal?: AbortSignal): Promise<Row[]>;

  /**
   * Answers a question in SQL of DuckDB, with values in place of each `?`, about
   * the table `view` (see schema.ts; where clauses begin with `project = ?`). For
   * the exact number of different viewers, distinct-viewers.ts has forms that the
   * engine makes fast: `viewersOf(where)` for all together,
   * `viewersOfBuckets(bucket, buckets, views)` for up to 124 numbered groups, and
   * else `distinctViewers(groups, filter)` in place of `count(distinct viewer)`.
   * Group by a small integer (`…::utinyint`), not by a bigint, where that is
   * possible: it takes half the time.
   */
  query(sql: string, values: readonly QueryValue[], signal?: AbortSignal): Promise<Row[]>;
}

/** The answer to a question, and what it covers. */
export interface Answer<T> {
  readonly value: T;
  /** The answer covers the log at least up to here. */
  readonly position: number;
}

/** Under which conditions a question is asked. */
export interface Asking {
  /** When it aborts the question is broken off, and rejects with its reason. */
  readonly signal: AbortSignal;
  /** What the answer must cover at least; it is waited for. Default: 0. */
  readonly minPosition?: number;
}

/** The same questions of columns that follow a log, asked under conditions. */
export interface AnsweredQueries {
  viewTotals(
    project: number,
    video: number | undefined,
    span: Span,
    asking: Asking,
  ): Promise<Answer<ViewTotals>>;
  topVideos(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
    asking: Asking,
  ): Promise<Answer<VideoTotals[]>>;
  trending(
    project: number,
    spans: TwoSpans,
    limit: number,
    asking: Asking,
  ): Promise<Answer<TrendingVideo[]>>;
  retention(
    project: number,
    video: number,
    span: Span,
    asking: Asking,
  ): Promise<Answer<ProgressStep[]>>;
  /** Its position is the one of the answer exactly. */
  liveSnapshot(
    project: number,
    videos: readonly number[] | undefined,
    currentSince: number,
    asking: Asking,
  ): Promise<LiveSnapshot>;
  viewRows(query: ViewQuery, asking: Asking): Promise<Answer<Row[]>>;
  query(sql: string, values: readonly QueryValue[], asking: Asking): Promise<Answer<Row[]>>;
}

/**
 * The column store of views: a projection of the log that answers questions
 * about many of them at once. VIEW and EXTEND entries leave rows in it, which
 * are added up, never changed; ERASE and TRIM entries remove rows.
 */
export interface Columns extends Projection, ColumnQueries {
  apply(entries: readonly ProjectedEntry[]): Promise<void>;
  /** Lets go of the files. */
  close(): Promise<void>;
}
