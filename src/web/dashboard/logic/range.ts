import { isMidnight, laterWall, midnight, momentOf, wallTime } from "./zone.ts";

/** A half-open span of time, in milliseconds since 1970. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Ranges that move with the clock, by their names in the URL. */
export const presets = {
  today: "Today",
  yesterday: "Yesterday",
  "7d": "Last 7 days",
  "28d": "Last 28 days",
  "90d": "Last 90 days",
  "12m": "Last 12 months",
  all: "All time",
} as const;
export type Preset = keyof typeof presets;

/**
 * The time that is looked at: a preset, or from and to. Each of these is a date
 * ("2026-01-31"), which is whole days of the zone that is chosen and belongs to
 * the range itself, or a moment in UTC ("2026-01-31T09:00Z").
 */
export type Range =
  | { readonly preset: Preset }
  | { readonly preset?: undefined; readonly from: string; readonly to: string };

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/;
/** Dates that nobody means by mistake, and all parts can reckon with. */
const FIRST = Date.UTC(1_971, 0, 1);
const LAST = Date.UTC(2_199, 11, 31);

/** A date or a moment as milliseconds of wall time or UTC; undefined for what is neither. */
function parse(text: string): number | undefined {
  if (!DATE.test(text) && !MOMENT.test(text)) return undefined;
  const time = Date.parse(text);
  // The 30th of February would become the 2nd of March.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(text.slice(0, 10))) {
    return undefined;
  }
  return time >= FIRST && time <= LAST ? time : undefined;
}

/** From and to as a range; undefined unless both can be read, and to is not before from. */
export function customRange(from: string, to: string, zone: string): Range | undefined {
  if (parse(from) === undefined || parse(to) === undefined) return undefined;
  const { start, end } = spanOf({ from, to }, zone);
  return start < end ? { from, to } : undefined;
}

function spanOf({ from, to }: { from: string; to: string }, zone: string): Span {
  const at = (text: string, days: number): number => {
    const time = parse(text) ?? FIRST;
    return DATE.test(text) ? momentOf(zone, laterWall(time, { days })) : time;
  };
  return { start: at(from, 0), end: at(to, 1) };
}

function dateOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10);
}

/** The range of a span: of dates where it begins or ends with a day of the zone. */
export function rangeOfSpan({ start, end }: Span, zone: string): Range {
  const text = (time: number, days: number): string =>
    isMidnight(zone, time)
      ? dateOf(laterWall(midnight(wallTime(zone, time)), { days }))
      : `${new Date(time).toISOString().slice(0, 16)}Z`;
  return { from: text(start, 0), to: text(end, -1) };
}

/** What a range is now; undefined for all time. */
export function resolve(range: Range, zone: string, now: number): Span | undefined {
  if (range.preset === undefined) return spanOf(range, zone);
  const today = midnight(wallTime(zone, now));
  const from = (wall: number, endDays = 1): Span => ({
    start: momentOf(zone, wall),
    end: momentOf(zone, laterWall(today, { days: endDays })),
  });
  const days = (count: number): Span => from(laterWall(today, { days: 1 - count }));
  switch (range.preset) {
    case "today":
      return days(1);
    case "yesterday":
      return from(laterWall(today, { days: -1 }), 0);
    case "7d":
      return days(7);
    case "28d":
      return days(28);
    case "90d":
      return days(90);
    case "12m": {
      // Whole months, this one included.
      const month = today - (new Date(today).getUTCDate() - 1) * 86_400_000;
      return {
        start: momentOf(zone, laterWall(month, { months: -11 })),
        end: momentOf(zone, laterWall(month, { months: 1 })),
      };
    }
    default:
      return undefined;
  }
}

type Length = { readonly months: number } | { readonly days: number } | { readonly ms: number };

/** How long a span is: in months of the calendar, days or milliseconds, whichever it has whole. */
function lengthOf({ start, end }: Span, zone: string): Length {
  const [first, last] = [wallTime(zone, start), wallTime(zone, end)];
  const [begun, ended] = [new Date(first), new Date(last)];
  const years = ended.getUTCFullYear() - begun.getUTCFullYear();
  const months = years * 12 + ended.getUTCMonth() - begun.getUTCMonth();
  const days = Math.floor((last - first) / 86_400_000);
  // Where clocks jump, so much later by the calendar may be elsewhere.
  const isWhole = (by: { months?: number; days?: number }): boolean =>
    momentOf(zone, laterWall(first, by)) === end;
  if (months > 0 && begun.getUTCDate() === ended.getUTCDate() && isWhole({ months })) {
    return { months };
  }
  return days > 0 && isWhole({ days }) ? { days } : { ms: end - start };
}

function moved(time: number, length: Length, times: 1 | -1, zone: string): number {
  if ("ms" in length) return time + times * length.ms;
  const by = "months" in length ? { months: times * length.months } : { days: times * length.days };
  return momentOf(zone, laterWall(wallTime(zone, time), by));
}

/** The span of the same length right before, as the server reckons the period before. */
export function earlier(span: Span, zone: string): Span {
  return { start: moved(span.start, lengthOf(span, zone), -1, zone), end: span.start };
}

/** The span of the same length right after. */
export function later(span: Span, zone: string): Span {
  return { start: span.end, end: moved(span.end, lengthOf(span, zone), 1, zone) };
}

/**
 * The period before, to compare with: only as much of it as has passed of the
 * span itself, so that a day at noon is compared with half a day.
 */
export function before(span: Span, zone: string, now: number): Span {
  const { start, end } = earlier(span, zone);
  if (now >= span.end || now <= span.start) return { start, end };
  return { start, end: Math.min(end, start + now - span.start) };
}
