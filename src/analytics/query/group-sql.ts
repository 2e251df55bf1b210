import type { Span } from "../columns/columns.ts";
import {
  distinctViewers,
  MAX_VIEWER_BUCKETS,
  viewersOf,
  viewersOfBuckets,
} from "../columns/distinct-viewers.ts";
import type { Period, Sum, ViewQuery } from "../columns/view-query.ts";
import { bucketSql } from "./bucket-sql.ts";
import { asksForHosts, conditionSql, valueSql, viewsWithHosts } from "./condition-sql.ts";
import { joined, raw, sql, type Fragment } from "./fragment.ts";

/** The columns of an answer that have sums; those of the period before begin with "previous_". */
export const sumColumns: Readonly<Record<Sum, string>> = {
  views: "views",
  uniqueViewers: "unique_viewers",
  watchMs: "watch_ms",
  progressViews: "progress_views",
  progressSum: "progress_sum",
  completed: "completed",
  botViews: "bot_views",
};

/** The names of the columns that a row has for its bucket and values. */
export interface Keys {
  /** What tells rows apart. */
  readonly all: readonly string[];
  readonly values: readonly string[];
  /** The one that is the number of a video. */
  readonly video: string | undefined;
}

/** The names of the keys of a question. */
export function keyNames({ dimensions, period }: ViewQuery): Keys {
  const values = dimensions.map((_, place) => `value_${place}`);
  const video = values[dimensions.findIndex(({ kind }) => kind === "video")];
  return { all: [...(period.starts === undefined ? [] : ["bucket"]), ...values], values, video };
}

/** Views and their conditions, up to the end of the where clause. */
export function viewsSql(query: ViewQuery, span: Span): Fragment {
  const { conditions, dimensions } = query;
  const views = asksForHosts(dimensions, conditions)
    ? viewsWithHosts(spanSql(query, span))
    : raw("view");
  return sql`${views} where ${whereSql(query, span)}`;
}

function whereSql(query: ViewQuery, span: Span): Fragment {
  return joined([spanSql(query, span), ...query.conditions.map(conditionSql)], " and ");
}

function spanSql({ project }: ViewQuery, span: Span): Fragment {
  const bounds = [sql`project = ${project}`];
  if (span.from !== undefined) bounds.push(sql`time >= ${span.from}`);
  if (span.to !== undefined) bounds.push(sql`time < ${span.to}`);
  return joined(bounds, " and ");
}

/** Which groups are groups: those with a view that is counted. */
export function havingSql({ bots }: ViewQuery): Fragment {
  return raw(bots ? "sum(views) + sum(bot_views) > 0" : "sum(views) > 0");
}

/** What is asked of the groups of a period. */
interface GroupOptions {
  readonly sums: readonly Sum[];
  /** Only groups that have these keys in common with a row of the page. Default: all. */
  readonly within?: readonly string[];
  /** What the names of keys and sums begin with. Default: "". */
  readonly keyPrefix?: string;
  readonly sumPrefix?: string;
}

/** The groups of a period that have any view; all views together, even if there are none, without keys. */
export function groupsSql(query: ViewQuery, period: Period, options: GroupOptions): Fragment {
  const viewers = viewersSql(query, period);
  if (viewers === undefined || !options.sums.includes("uniqueViewers")) {
    return summedSql(query, period, options);
  }
  const { keyPrefix = "", sumPrefix = "" } = options;
  const sums = options.sums.filter((sum) => sum !== "uniqueViewers");
  // A select has at least one column.
  const others = summedSql(query, period, {
    ...options,
    sums: [...new Set<Sum>(["views", ...sums])],
  });
  const same = raw(
    period.starts === undefined ? "true" : `viewers.bucket = summed.${keyPrefix}bucket`,
  );
  const columns = [
    ...keyNames(query).all.map((key) => `summed.${keyPrefix}${key}`),
    ...sums.map((sum) => `summed.${sumPrefix}${sumColumns[sum]}`),
    `coalesce(unique_viewers, 0) as ${sumPrefix}unique_viewers`,
  ];
  return sql`select ${raw(columns.join(", "))}
    from (${others}) as summed left join ${viewers} as viewers on ${same}`;
}

/**
 * The viewers of all views, or of each of some buckets, as a table, where that
 * can be counted faster than with an aggregate for each group.
 */
function viewersSql(query: ViewQuery, { span, starts }: Period): Fragment | undefined {
  if (query.dimensions.length > 0 || asksForHosts([], query.conditions)) return undefined;
  // Of a few videos' views an aggregate costs less than reading all views once more.
  if (query.conditions.some((condition) => "videos" in condition)) return undefined;
  const where = whereSql(query, span);
  if (starts === undefined) {
    const viewers = viewersOf(where.sql);
    return { sql: `(select ${viewers} as unique_viewers)`, values: where.values };
  }
  if (starts.length > MAX_VIEWER_BUCKETS) return undefined;
  return bucketViewersSql(bucketSql(starts, span.to), starts.length, sql`view where ${where}`);
}

/** {@link viewersOfBuckets} with values for the `?` in its parts. */
export function bucketViewersSql(bucket: Fragment, buckets: number, views: Fragment): Fragment {
  return {
    sql: viewersOfBuckets(bucket.sql, buckets, views.sql),
    // As they stand in it.
    values: [...bucket.values, ...views.values],
  };
}

/** The views of a period with their keys, by their names, and other columns. */
export function keyedViewsSql(
  query: ViewQuery,
  { span, starts }: Period,
  others: string,
): Fragment {
  const values = [
    ...(starts === undefined ? [] : [bucketSql(starts, span.to)]),
    ...query.dimensions.map(valueSql),
  ];
  const keys = keyNames(query).all;
  const keyed = values.map((value, index) => sql`${value} as ${raw(keys[index] ?? "")}`);
  return sql`(select ${joined([...keyed, raw(others)], ", ")} from ${viewsSql(query, span)})`;
}

function summedSql(query: ViewQuery, period: Period, options: GroupOptions): Fragment {
  const { sums, within = [], keyPrefix = "", sumPrefix = "" } = options;
  const keys = keyNames(query).all;
  const views = keyedViewsSql(query, period, "*");
  const groups = query.dimensions.length > 0 ? Infinity : (period.starts?.length ?? 1);
  const columns = [
    ...keys.map((key) => `${key} as ${keyPrefix}${key}`),
    ...sums.map((sum) => `${sumSql(sum, groups)} as ${sumPrefix}${sumColumns[sum]}`),
  ];
  const among = within.length === 0 ? "" : `semi join page using (${within.join(", ")})`;
  const grouped =
    keys.length === 0 ? raw("") : sql`group by ${raw(keys.join(", "))} having ${havingSql(query)}`;
  return sql`select ${raw(columns.join(", "))} from ${views} ${raw(among)} ${grouped}`;
}

/** A sum of a group; 0 for one without rows. Those of extensions go on from the progress before. */
function sumSql(sum: Sum, groups: number): string {
  switch (sum) {
    case "views":
      return "coalesce(sum(views), 0)::double";
    case "uniqueViewers":
      return distinctViewers(groups);
    case "watchMs":
      return "coalesce(sum(watch_ms), 0)::double";
    case "progressViews":
      return "count(*) filter (progress is not null and progress_before is null)";
    case "progressSum":
      return "coalesce(sum(progress - coalesce(progress_before, 0)), 0)::double";
    case "completed":
      return "count(*) filter (progress >= 950 and coalesce(progress_before, -1) < 950)";
    case "botViews":
      return "coalesce(sum(bot_views), 0)::double";
  }
}
