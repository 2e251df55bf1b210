import type { BucketLength } from "./zones.ts";

/** Questions as plain data, which can be printed. */

export const metricNames = [
  "views",
  "uniqueViewers",
  "watchMs",
  "averageWatchMs",
  "averageProgress",
  "completionRate",
  "botViews",
] as const;
export type MetricName = (typeof metricNames)[number];

/** What was asked for of some views; undefined where it is absent. */
export type Metrics = { readonly [M in MetricName]?: number | undefined };

export type Dimension =
  | { readonly kind: "video" | "country" | "device" | "referrer" | "referrerHost" }
  | { readonly kind: "property"; readonly property: string };

export type Filter =
  | { readonly allOf: readonly Filter[] }
  | { readonly anyOf: readonly Filter[] }
  | { readonly not: Filter }
  | { readonly in: readonly string[]; readonly of: Dimension }
  | { readonly prefix: string; readonly of: Dimension };

/** From, and before; milliseconds since 1970; undefined has no bound. */
export interface Interval {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export type OrderKey = (
  | { readonly metric: MetricName }
  | { readonly dimension: number }
  | { readonly time: true }
) & { readonly descending: boolean };

export interface ViewsQuestion {
  readonly metrics: readonly MetricName[];
  readonly dimensions: readonly Dimension[];
  readonly filters: readonly Filter[];
  readonly interval: Interval;
  readonly granularity: BucketLength | undefined;
  /** "" for the default. */
  readonly zone: string;
  readonly orderBy: readonly OrderKey[];
  readonly pageSize: number;
  readonly comparePrevious: boolean;
}

export interface Row {
  /** When its bucket begins; undefined without buckets. */
  readonly start: number | undefined;
  readonly values: readonly string[];
  readonly metrics: Metrics;
  /** Of the period before; undefined where it is absent. */
  readonly previous: Metrics | undefined;
}

/** All pages of an answer, or the refusal of too many buckets. */
export type ViewsAnswer =
  | { readonly rows: readonly Row[]; readonly previousInterval: Interval | undefined }
  | "too many buckets";
