import type { Caller } from "../../caller.ts";
import { invalidField } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import { pageToken, readPageToken } from "../../page-token.ts";
import type { Row } from "../columns/columns.ts";
import { MAX_FILLED_ROWS, maxCombinations } from "../columns/query-sql.ts";
import type { ViewQuery } from "../columns/view-query.ts";
import { ColumnReader, type AskedColumns } from "./column-reader.ts";
import { conditionsOf } from "./conditions.ts";
import { metricsOf, sumsOf } from "./metrics.ts";
import { periodsOf } from "./periods.ts";
import { isOpen, tiesOf, untied } from "./ties.ts";
import { videoNames } from "./video-names.ts";
import type { PageQuery, ViewsAnswer, ViewsQuestion, ViewsRow } from "./views-question.ts";

/** Of so many videos at most are the names looked up to order rows by them. */
const MAX_NAMED = 100_000;

/**
 * Answers a question about views with one page.
 *
 * @throws DomainError "invalid_argument" for too many buckets or rows, and for
 * an order by the names of too many videos.
 */
export async function answerViews(
  parts: { readonly log: Log; readonly columns: AskedColumns },
  caller: Caller,
  question: ViewsQuestion,
  page: PageQuery,
): Promise<ViewsAnswer> {
  const { log } = parts;
  const { project } = caller;
  const bound = [project, question];
  const offset = readPageToken(page.pageToken, bound, isOffset) ?? 0;
  const reader = new ColumnReader(parts.columns, caller, page.minPosition);
  const conditions = await conditionsOf(log, project, question.filters);
  // One row more at each end tells whether it goes on, and whether rows are tied across the ends.
  const before = offset === 0 ? 0 : 1;
  const open: ViewQuery = {
    project,
    sums: sumsOf(question.metrics),
    bots: question.metrics.includes("botViews"),
    dimensions: question.dimensions,
    conditions,
    period: { span: question.span, starts: undefined },
    previous: undefined,
    order: question.order,
    videoNames: undefined,
    limit: before + page.pageSize + 1,
    offset: offset - before,
  };
  const periods = await periodsOf(reader, question, open);
  const { previous } = periods;
  if (periods.period.starts?.length === 0) {
    await reader.reach();
    return { rows: [], nextPageToken: "", position: reader.position, previous: previous?.span };
  }
  // A period before of days that never were has no buckets, and nothing to count.
  const compared = previous?.starts?.length === 0 ? undefined : previous;
  const query = { ...open, ...periods, previous: compared };
  const rows = await orderedRows(log, reader, query);
  const here = rows.slice(before, before + page.pageSize);
  const more = rows.length > before + page.pageSize;
  return {
    rows: await named(log, query, question, here),
    nextPageToken: more ? pageToken(bound, offset + page.pageSize) : "",
    position: reader.position,
    previous: previous?.span,
  };
}

/** The rows of a page and the ones next to it, in their order. */
async function orderedRows(log: Log, reader: ColumnReader, query: ViewQuery): Promise<Row[]> {
  const place = query.dimensions.findIndex(({ kind }) => kind === "video");
  const byName = query.order.some((key) => "dimension" in key && key.dimension === place);
  if (!byName) {
    // Names are seldom needed: most rows differ in what they are ordered by.
    const rows = await checkedRows(reader, query);
    const ties = place < 0 ? [] : tiesOf(rows, query, place);
    if (!ties.some((tie) => isOpen(tie, rows, query))) {
      const tied = ties.flatMap(({ from, to }) => rows.slice(from, to));
      const videos = new Set(tied.map((row) => Number(row[`value_${place}`])));
      return untied(rows, ties, await videoNames(log, query.project, [...videos]), place);
    }
  }
  const videos = await reader.videos(query, MAX_NAMED + 1);
  if (videos.length > MAX_NAMED) {
    if (!byName) return checkedRows(reader, query);
    throw invalidField(
      "order_by",
      `More than ${MAX_NAMED} videos cannot be ordered by their names: filter them, or order by a metric.`,
    );
  }
  const names = await videoNames(log, query.project, videos);
  return checkedRows(reader, { ...query, videoNames: [...names] });
}

async function checkedRows(reader: ColumnReader, query: ViewQuery): Promise<Row[]> {
  const rows = await reader.rows(query);
  if (Number(rows[0]?.["combinations"] ?? 0) > maxCombinations(query.period.starts)) {
    throw invalidField(
      "granularity",
      `Buckets and values make more than ${MAX_FILLED_ROWS} rows: choose longer buckets, a shorter interval, fewer dimensions, or filters.`,
    );
  }
  return rows;
}

async function named(
  log: Log,
  query: ViewQuery,
  { metrics, dimensions }: ViewsQuestion,
  rows: readonly Row[],
): Promise<ViewsRow[]> {
  const place = dimensions.findIndex(({ kind }) => kind === "video");
  const videos = place < 0 ? [] : rows.map((row) => Number(row[`value_${place}`]));
  const names = await videoNames(log, query.project, [...new Set(videos)]);
  const { period, previous } = query;
  return rows.map((row) => {
    const bucket = Number(row["bucket"]);
    const hasPrevious =
      previous !== undefined && (previous.starts === undefined || bucket < previous.starts.length);
    return {
      start: period.starts?.[bucket],
      values: dimensions.map((_, index) => {
        const value = row[`value_${index}`];
        return index === place ? (names.get(Number(value)) ?? "") : String(value);
      }),
      metrics: metricsOf(row, metrics),
      previous: hasPrevious ? metricsOf(row, metrics, "previous_") : undefined,
    };
  });
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
