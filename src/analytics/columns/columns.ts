import type { Entry } from "../../log/log.ts";
import type { Projection } from "../../log/projector.ts";

/** A half-open span of time, in milliseconds since 1970; undefined has no bound. */
export interface Span {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** What is known of the views of a video. */
export interface ViewTotals {
  readonly views: number;
  /** Exact; views by nobody in particular are not in it. */
  readonly uniqueViewers: number;
  readonly watchMs: number;
}

/** The totals of one video, by its number in the log. */
export interface VideoTotals extends ViewTotals {
  readonly video: number;
}

/** The last video of the page before: where the next one begins. */
export interface TopCursor {
  readonly views: number;
  readonly video: number;
}

/** The questions that columns answer; each about one project. */
export interface ColumnQueries {
  /** What is known of a video, zeros for one without views. */
  viewTotals(project: number, video: number, span: Span): Promise<ViewTotals>;
  /**
   * The videos with the most views in the span, those with equally many by
   * their numbers; at most `limit`, after `after`. None without a view.
   */
  topVideos(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
  ): Promise<VideoTotals[]>;
}

/**
 * The column store of views: a projection of the log that answers questions
 * about many of them at once. Only VIEW and EXTEND entries leave something in
 * it: rows that are added up, never changed.
 */
export interface Columns extends Projection, ColumnQueries {
  apply(entries: readonly Entry[]): Promise<void>;
  /** Lets go of the files. */
  close(): Promise<void>;
}
