import type { Span } from "../columns/columns.ts";
import type { Metric, OrderKey, TextDimension, ViewDimension } from "../columns/view-query.ts";
import type { BucketLength } from "./buckets.ts";

/** A question about views, as the contract has it. */
export interface ViewsQuestion {
  /** At least one. */
  readonly metrics: readonly Metric[];
  /** Each once. */
  readonly dimensions: readonly ViewDimension[];
  /** All of these have to be met. */
  readonly filters: readonly Filter[];
  readonly span: Span;
  /** Undefined: no buckets. */
  readonly granularity: BucketLength | undefined;
  /** A name that isTimeZone knows. */
  readonly timeZone: string;
  /** Of the metrics and dimensions above; by time with a granularity only. */
  readonly order: readonly OrderKey[];
  /** Needs a span with both ends. */
  readonly comparePrevious: boolean;
}

/** Which page of the answer is wanted, and what it has to cover. */
export interface PageQuery {
  readonly pageSize: number;
  /** "" for the first page. */
  readonly pageToken: string;
  readonly minPosition: number;
}

/** A condition for views, with videos by their names. */
export type Filter =
  | { readonly allOf: readonly Filter[] }
  | { readonly anyOf: readonly Filter[] }
  | { readonly not: Filter }
  | { readonly in: readonly string[]; readonly of: TextDimension | { readonly kind: "video" } }
  | { readonly prefix: string; readonly of: TextDimension | { readonly kind: "video" } };

/** A page of an answer. */
export interface ViewsAnswer {
  readonly rows: readonly ViewsRow[];
  /** "" on the last page. */
  readonly nextPageToken: string;
  readonly position: number;
  /** What was compared with: milliseconds since 1970. */
  readonly previous: { readonly from: number; readonly to: number } | undefined;
}

export interface ViewsRow {
  /** When the bucket begins: milliseconds since 1970; undefined without buckets. */
  readonly start: number | undefined;
  /** By the order of the dimensions. */
  readonly values: readonly string[];
  readonly metrics: Metrics;
  /** Undefined without a comparison, and where the period before has no such bucket. */
  readonly previous: Metrics | undefined;
}

/** Those metrics that were asked for, and that there are. */
export interface Metrics {
  readonly views?: number;
  readonly uniqueViewers?: number;
  /** Milliseconds. */
  readonly watchDuration?: number;
  /** Nanoseconds. */
  readonly averageWatchDuration?: number;
  /** From 0 to 1. */
  readonly averageProgress?: number;
  /** From 0 to 1. */
  readonly completionRate?: number;
  readonly botViews?: number;
}
