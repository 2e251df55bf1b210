import { invalidField } from "../../errors.ts";
import type { Span } from "../columns/columns.ts";
import type { Period, ViewQuery } from "../columns/view-query.ts";
import { bucketStarts, MAX_BUCKETS } from "./buckets.ts";
import type { ColumnReader } from "./column-reader.ts";
import { previousSpan, type ClosedSpan } from "./previous.ts";
import type { ViewsQuestion } from "./views-question.ts";

/** The first moment that a timestamp can have: milliseconds since 1970. */
export const YEAR_1_MS = -62_135_596_800_000;

interface Periods {
  readonly period: Period;
  readonly previous: (Period & { readonly span: ClosedSpan }) | undefined;
}

/**
 * The span of a question with its buckets, and the span before it. Where the
 * span is open, the buckets are those from the first view to the last.
 *
 * @throws DomainError "invalid_argument" for more than {@link MAX_BUCKETS}, and
 * if the span before begins before the year 1.
 */
export async function periodsOf(
  reader: ColumnReader,
  question: ViewsQuestion,
  query: ViewQuery,
): Promise<Periods> {
  const { timeZone, granularity } = question;
  const span =
    granularity === undefined ? question.span : await closed(reader, question.span, query);
  const before =
    question.comparePrevious && isClosed(span) ? previousSpan(span, timeZone) : undefined;
  if (before !== undefined && before.from < YEAR_1_MS) {
    throw invalidField("compare_previous", "The period before would begin before the year 1.");
  }
  const starts = (of: ClosedSpan): readonly number[] => {
    const found = granularity && bucketStarts(timeZone, granularity, of.from, of.to);
    if (found !== undefined) return found;
    throw invalidField(
      "granularity",
      `The interval has more than ${MAX_BUCKETS} buckets of this length: choose longer ones, or a shorter interval.`,
    );
  };
  const buckets = granularity === undefined ? () => undefined : starts;
  return {
    period: { span, starts: isClosed(span) ? buckets(span) : undefined },
    previous: before && { span: before, starts: buckets(before) },
  };
}

/** A span up to and including its last view, from its first one on, where it has no ends of its own. */
async function closed(
  reader: ColumnReader,
  { from, to }: Span,
  query: ViewQuery,
): Promise<ClosedSpan> {
  if (from !== undefined && to !== undefined) return { from, to };
  const extent = await reader.extent(query);
  if (extent === undefined) return { from: 0, to: 0 };
  return { from: from ?? extent.first, to: to ?? extent.last + 1 };
}

function isClosed(span: Span): span is ClosedSpan {
  return span.from !== undefined && span.to !== undefined;
}
