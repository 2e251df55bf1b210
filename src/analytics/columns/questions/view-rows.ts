import { sumColumns } from "../../query/group-sql.ts";
import { rowViewersSql } from "../../query/row-viewers-sql.ts";
import type { Ask } from "../ask.ts";
import type { Row } from "../columns.ts";
import { countsViewersLate, rowsSql } from "../query-sql.ts";
import { numberOf } from "../rows.ts";
import type { Period, ViewQuery } from "../view-query.ts";
import { viewTotals } from "./view-totals.ts";

/** The rows of a question; see {@link rowsSql}. */
export async function viewRows(ask: Ask, asked: ViewQuery): Promise<Row[]> {
  const one = totalsOf(asked);
  if (one !== undefined) return [await totals(ask, asked, one.video)];
  const query = narrowed(ask, asked);
  const { sql, values } = rowsSql(query);
  let rows = await ask.rows(sql, values);
  if (!countsViewersLate(query)) return rows;
  rows = await withViewers(ask, query, query.period, rows, "unique_viewers");
  return query.previous === undefined
    ? rows
    : await withViewers(ask, query, query.previous, rows, "previous_unique_viewers");
}

/** Without bounds of time that no view is outside of. */
function narrowed(ask: Ask, query: ViewQuery): ViewQuery {
  const { period, project } = query;
  if (period.starts !== undefined) return query;
  return { ...query, period: { ...period, span: ask.boundsOf(project, period.span) } };
}

/** Which video, or all (undefined), if that is what a question is about, all views together. */
function totalsOf(query: ViewQuery): { readonly video: number | undefined } | undefined {
  const { dimensions, period, previous, conditions, offset } = query;
  if (dimensions.length > 0 || period.starts !== undefined || previous !== undefined) {
    return undefined;
  }
  const [condition, ...others] = conditions;
  if (offset > 0 || others.length > 0) return undefined;
  if (condition === undefined) return { video: undefined };
  const videos = "videos" in condition ? condition.videos : [];
  return videos.length === 1 ? { video: videos[0] } : undefined;
}

async function totals(ask: Ask, query: ViewQuery, video: number | undefined): Promise<Row> {
  const found = await viewTotals(ask, query.project, video, query.period.span);
  return Object.fromEntries([...query.sums].map((sum) => [sumColumns[sum], found[sum]]));
}

async function withViewers(
  ask: Ask,
  query: ViewQuery,
  period: Period,
  rows: readonly Row[],
  column: string,
): Promise<Row[]> {
  if (rows.length === 0) return [];
  const { query: viewers, places } = rowViewersSql(query, period, rows);
  const found = new Map(
    (await ask.rows(viewers.sql, viewers.values)).map((row) => [
      numberOf(row, "bucket"),
      numberOf(row, "unique_viewers"),
    ]),
  );
  return rows.map((row, index) => ({ ...row, [column]: found.get(places[index] ?? -1) ?? 0 }));
}
