import type { Row } from "../columns/columns.ts";
import { distinctViewers, MAX_VIEWER_BUCKETS } from "../columns/distinct-viewers.ts";
import type { Period, TextDimension, ViewDimension, ViewQuery } from "../columns/view-query.ts";
import { bucketSql } from "./bucket-sql.ts";
import { textSql } from "./condition-sql.ts";
import { joined, raw, sql, type Fragment } from "./fragment.ts";
import { bucketViewersSql, keyedViewsSql, keyNames, viewsSql } from "./group-sql.ts";

/** How many different texts are looked for in a list, one after the other. */
const MAX_LISTED = 32;

/**
 * How many different viewers some rows of a question have, in a period that has
 * buckets if the question has: "bucket" is the place of the row among them,
 * "unique_viewers" how many. There may be more places, and none for a row
 * without views.
 *
 * The rows are numbered, so that each viewer needs a bit for each row: by where
 * their values are in lists, which a store of columns finds once for each
 * different value, or else by a join.
 */
export function rowViewersSql(query: ViewQuery, period: Period, rows: readonly Row[]): RowViewers {
  return byPlace(query, period, rows) ?? byJoin(query, period, rows);
}

export interface RowViewers {
  readonly query: Fragment;
  /** The "bucket" of each of the rows. */
  readonly places: readonly number[];
}

/** One of the things that a row is told by: which of how many values it has. */
interface Digit {
  readonly place: Fragment;
  readonly count: number;
  of(row: Row): number;
}

/** Numbers rows by all values that they could have. Undefined if those are too many. */
function byPlace(
  query: ViewQuery,
  { span, starts }: Period,
  rows: readonly Row[],
): RowViewers | undefined {
  const digits: Digit[] = [];
  if (starts !== undefined) {
    const place = sql`(${bucketSql(starts, span.to)})::integer`;
    // A row of the period may be of a bucket that the one before does not have.
    const count = Math.max(starts.length, ...rows.map((row) => Number(row["bucket"]) + 1));
    digits.push({ place, count, of: (row) => Number(row["bucket"]) });
  }
  for (const [index, dimension] of query.dimensions.entries()) {
    if (dimension.kind === "video") return undefined;
    const digit = digitOf(dimension, `value_${index}`, rows);
    if (digit === undefined) return undefined;
    digits.push(digit);
  }
  let count = 1;
  for (const digit of digits) count *= digit.count;
  if (count > MAX_VIEWER_BUCKETS) return undefined;
  let number = raw("0");
  for (const digit of digits)
    number = sql`(${number} * ${raw(String(digit.count))} + ${digit.place})`;
  return {
    query: sql`from ${bucketViewersSql(number, count, viewsSql(query, span))}`,
    places: rows.map((row) =>
      digits.reduce((place, digit) => place * digit.count + digit.of(row), 0),
    ),
  };
}

function digitOf(
  dimension: TextDimension,
  column: string,
  rows: readonly Row[],
): Digit | undefined {
  const values = [...new Set(rows.map((row) => String(row[column])))];
  if (values.length > MAX_LISTED) return undefined;
  const list = joined(
    values.map((value) => sql`${value}`),
    ", ",
  );
  const text = textSql(dimension);
  const nothing = values.indexOf("");
  // Null for a value of none of the rows, and so is the number.
  const found = sql`list_position([${list}]::varchar[], ${text}) - 1`;
  return {
    place:
      nothing < 0
        ? sql`(${found})`
        : sql`(case when ${text} is null then ${raw(String(nothing))} else ${found} end)`,
    count: values.length,
    of: (row) => values.indexOf(String(row[column])),
  };
}

/** Numbers rows as they come. */
function byJoin(query: ViewQuery, period: Period, rows: readonly Row[]): RowViewers {
  const keys = keyNames(query).all;
  const types = Object.fromEntries([
    ["place", "integer"],
    ...(period.starts === undefined ? [] : [["bucket", "integer"]]),
    ...query.dimensions.map(({ kind }, index) => [`value_${index}`, typeOf(kind)]),
  ]);
  const list = rows.map((row, place) =>
    Object.fromEntries([["place", place], ...keys.map((key) => [key, row[key]])]),
  );
  const same = keys.map((key) => `numbered.${key} = views.${key}`).join(" and ");
  const views = sql`${keyedViewsSql(query, period, "viewer")} as views
    join (select unnest(from_json(${JSON.stringify(list)}, ${raw(`'[${JSON.stringify(types)}]'`)}), recursive := true)) as numbered
    on ${raw(same)}`;
  // Rows that are told by much are of few views each: bits for all viewers would cost more.
  return {
    query: sql`select place as bucket, ${raw(distinctViewers(rows.length))} as unique_viewers
      from ${views} group by place`,
    places: rows.map((_, place) => place),
  };
}

function typeOf(kind: ViewDimension["kind"]): string {
  return kind === "video" ? "integer" : "varchar";
}
