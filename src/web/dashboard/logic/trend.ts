import type { Span } from "./range.ts";

const DAY = 86_400;

/** The most days that the server compares. */
const MOST = 31;

/**
 * How long a time trends are told of, in seconds, where a span is looked at: as
 * many days, at least one.
 */
export function trendWindow(span: Span | undefined): number {
  const days = span === undefined ? MOST : Math.round((span.end - span.start) / 1_000 / DAY);
  return Math.max(1, Math.min(MOST, days)) * DAY;
}
