import type { Span } from "./columns.ts";

/** A question about views as plain data: what query-sql.ts makes SQL of. */
export interface ViewQuery {
  readonly project: number;
  /** What is needed of each row; the rest is 0. */
  readonly sums: ReadonlySet<Sum>;
  /** Whether groups with views by bots only are groups. */
  readonly bots: boolean;
  /** Each once. */
  readonly dimensions: readonly ViewDimension[];
  /** Which views are counted: those that meet all of these. */
  readonly conditions: readonly Condition[];
  readonly period: Period;
  readonly previous: Period | undefined;
  readonly order: readonly OrderKey[];
  /** The names of the videos, where their order matters; undefined orders them by number. */
  readonly videoNames: readonly (readonly [video: number, name: string])[] | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** A span of time, and the buckets that it is cut into. */
export interface Period {
  readonly span: Span;
  /**
   * When the buckets begin, ascending: the first one not after any view of the
   * span, which then needs no bounds. Undefined: there are no buckets.
   */
  readonly starts: readonly number[] | undefined;
}

/** What views have values of. That of a video is its number, all others are texts, "" for none. */
export type ViewDimension = { readonly kind: "video" } | TextDimension;
export type TextDimension =
  | { readonly kind: "country" | "device" | "referrer" | "referrerHost" }
  | { readonly kind: "property"; readonly name: string };

/** What is added up of the views of a group. */
export type Sum =
  | "views"
  | "uniqueViewers"
  | "watchMs"
  | "progressViews"
  | "progressSum"
  | "completed"
  | "botViews";

/** What can be asked for of some views. */
export type Metric =
  | "views"
  | "uniqueViewers"
  | "watchDuration"
  | "averageWatchDuration"
  | "averageProgress"
  | "completionRate"
  | "botViews";

/** A condition that a view meets, or does not: nothing in between. */
export type Condition =
  | { readonly allOf: readonly Condition[] }
  | { readonly anyOf: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly in: readonly string[]; readonly of: TextDimension }
  | { readonly prefix: string; readonly of: TextDimension }
  | { readonly videos: readonly number[] };

/** What rows are ordered by: first what decides first. Absent figures come last in either direction. */
export type OrderKey = (
  | { readonly metric: Metric }
  /** By its place in the list of dimensions, from 0. */
  | { readonly dimension: number }
  | { readonly time: true }
) & { readonly descending: boolean };
