import type { Span } from "./range.ts";

const DAY = 86_400;

/** The longest time that the server compares. */
const LONGEST = 31 * DAY;

/** How long a time trends are told of, in seconds, where a span is looked at. */
export function trendWindow(span: Span | undefined): number {
  if (span === undefined) return LONGEST;
  const days = (span.end - span.start) / 1_000 / DAY;
  if (days <= 2) return DAY;
  return days <= 8 ? 7 * DAY : LONGEST;
}
