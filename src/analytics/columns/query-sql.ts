import { joined, raw, sql, type Fragment } from "../query/fragment.ts";
import {
  groupsSql,
  havingSql,
  keyNames,
  sumColumns,
  viewsSql,
  type Keys,
} from "../query/group-sql.ts";
import type { Metric, Sum, ViewQuery } from "./view-query.ts";

/** What of a metric rows are ordered by. */
const metricSql: Readonly<Record<Metric, string>> = {
  views: "views",
  uniqueViewers: "unique_viewers",
  watchDuration: "watch_ms",
  averageWatchDuration: "watch_ms / nullif(views, 0)",
  averageProgress: "progress_sum / nullif(progress_views, 0) / 1000",
  completionRate: "completed / nullif(progress_views, 0)",
  botViews: "bot_views",
};

/** How many rows a question with buckets may have, those without views included. */
export const MAX_FILLED_ROWS = 1_000_000;

/**
 * The rows of a question. Each has the place of its "bucket", its values as
 * "value_0" and so on, and the sums that were asked for, of the period before
 * too; what is null there is 0. Viewers are missing where
 * {@link countsViewersLate} says so. With buckets, "combinations" tells how many
 * combinations of values there are: where that is more than
 * {@link maxCombinations}, the others are missing.
 */
export function rowsSql(query: ViewQuery): Fragment {
  const { period, previous } = query;
  const { starts } = period;
  const keys = keyNames(query);
  const order = orderSql(query, keys);
  const late = countsViewersLate(query);
  const sums = [...query.sums].filter((sum) => !late || sum !== "uniqueViewers");
  const parts = [sql`groups as (${groupsSql(query, period, { sums })})`];
  if (starts !== undefined) {
    parts.push(
      sql`combinations as materialized (${combinationsSql(keys, maxCombinations(starts))})`,
      sql`filled as (${filledSql(keys, sums, starts.length)})`,
    );
  }
  const rows = raw(starts === undefined ? "groups" : "filled");
  parts.push(sql`page as materialized (
    from (${withNamesSql(query, keys, rows)}) order by ${order} limit ${query.limit} offset ${query.offset}
  )`);
  const joins: Fragment[] = [];
  if (previous !== undefined) {
    const prefixes = { keyPrefix: "previous_", sumPrefix: "previous_" };
    const of = { sums, within: keys.values, ...prefixes };
    parts.push(sql`previous as (${groupsSql(query, previous, of)})`);
    joins.push(joinSql("previous", "previous_", keys.all));
  }
  const count = starts === undefined ? "" : ", (select count(*) from combinations) as combinations";
  return sql`with ${joined(parts, ", ")}
    select *${raw(count)} from page ${joined(joins, " ")} order by ${order}`;
}

/**
 * Whether viewers are not counted with all else, but by themselves, of the
 * page's rows: of all, where there are many, it takes many times as long as all
 * other sums.
 */
export function countsViewersLate({ sums, dimensions, order }: ViewQuery): boolean {
  const decide = order.some((key) => "metric" in key && key.metric === "uniqueViewers");
  return sums.has("uniqueViewers") && dimensions.length > 0 && !decide;
}

/** When the first and the last view of a question began, as "first" and "last"; null if there is none. */
export function extentSql(query: ViewQuery): Fragment {
  const counted = raw(query.bots ? "views + bot_views > 0" : "views > 0");
  return sql`select min(time) as first, max(time) as last
    from ${viewsSql(query, query.period.span)} and ${counted}`;
}

/** The videos of a question, at most so many, as "video". */
export function videosSql(query: ViewQuery, limit: number): Fragment {
  return sql`select video from ${viewsSql(query, query.period.span)}
    group by video having ${havingSql(query)} limit ${limit}`;
}

/** How many combinations of values can be filled up with so many buckets. */
export function maxCombinations(starts: readonly number[] | undefined): number {
  return starts === undefined ? Infinity : Math.floor(MAX_FILLED_ROWS / Math.max(1, starts.length));
}

/** The combinations of values; the empty one, without dimensions. */
function combinationsSql({ values }: Keys, most: number): Fragment {
  if (values.length === 0) return raw("select 0 as none");
  const limit = Number.isFinite(most) ? sql`limit ${most + 1}` : raw("");
  return sql`select distinct ${raw(values.join(", "))} from groups ${limit}`;
}

/** Every bucket for every combination of values. */
function filledSql({ all, values }: Keys, sums: readonly Sum[], buckets: number): Fragment {
  const filled = sums.map((sum) => `coalesce(groups.${sumColumns[sum]}, 0) as ${sumColumns[sum]}`);
  const columns = ["buckets.bucket", ...values.map((value) => `combinations.${value}`), ...filled];
  const same = all.map((key) =>
    key === "bucket" ? "groups.bucket = buckets.bucket" : `groups.${key} = combinations.${key}`,
  );
  return sql`select ${raw(columns.join(", "))}
    from (select range as bucket from range(${buckets})) as buckets
    cross join combinations
    left join groups on ${raw(same.join(" and "))}`;
}

/** Rows with the names of their videos, where the order needs them. */
function withNamesSql({ videoNames }: ViewQuery, { video }: Keys, rows: Fragment): Fragment {
  if (video === undefined || videoNames === undefined) return sql`from ${rows}`;
  const list = JSON.stringify(videoNames.map(([number, name]) => ({ number, name })));
  return sql`select ${rows}.*, names.name as video_name from ${rows} left join (
    select unnest(from_json(${list}, '[{"number": "integer", "name": "varchar"}]'), recursive := true)
  ) as names on names.number = ${raw(video)}`;
}

/** What rows are ordered by: the keys, then time, then the values. */
function orderSql({ order, videoNames }: ViewQuery, keys: Keys): Fragment {
  const valueKey = (value: string): string =>
    value === keys.video && videoNames !== undefined ? "video_name" : value;
  const terms = order.map((key) => {
    const direction = key.descending ? "desc" : "asc";
    if ("metric" in key) return `${metricSql[key.metric]} ${direction} nulls last`;
    const column = "time" in key ? "bucket" : valueKey(keys.values[key.dimension] ?? "bucket");
    return `${column} ${direction}`;
  });
  terms.push(...keys.all.map(valueKey));
  return raw(terms.join(", "));
}

function joinSql(table: string, prefix: string, keys: readonly string[]): Fragment {
  const same = keys.map((key) => `${prefix}${key} = ${key}`);
  return raw(`left join ${table} on ${same.length === 0 ? "true" : same.join(" and ")}`);
}
