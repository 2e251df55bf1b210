import type { Unit } from "./buckets.ts";
import type { Quantity } from "./metrics.ts";
import type { Range, Span } from "./range.ts";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const wholePercent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

/** A count to its last digit, such as "12,345". */
export function exactCount(value: number | bigint): string {
  return whole.format(value);
}

/** A count in as few characters as tell it: "9,876", "12.3K". */
export function count(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** A share of 1, such as "12.3%". */
export function share(value: number): string {
  return percent.format(value);
}

const steps = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** Milliseconds in the two largest units that they have: "3 h 12 min"; days alone from 100 on. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const first = steps.findIndex(([, length]) => seconds >= length);
  const [unit, length] = steps[first] ?? ["s", 1];
  const most = Math.floor(seconds / length);
  const [nextUnit, nextLength] = steps[first + 1] ?? ["", 1];
  const rest = Math.floor((seconds % length) / nextLength);
  if (nextUnit === "" || rest === 0 || (unit === "d" && most >= 100)) {
    return `${count(most)} ${unit === "d" && most >= 100 ? "days" : unit}`;
  }
  return `${count(most)} ${unit} ${rest} ${nextUnit}`;
}

/** A number as what it is; a dash where there is none. */
export function quantity(kind: Quantity, value: number | undefined): string {
  if (value === undefined) return "–";
  if (kind === "count") return count(value);
  return kind === "duration" ? duration(value) : share(value);
}

/** The unit that an axis of durations is drawn in, by its largest value in milliseconds. */
export function axisUnit(kind: Quantity, largest: number): { unit: string; length: number } {
  if (kind === "count") return { unit: "", length: 1 };
  if (kind === "share") return { unit: "%", length: 0.01 };
  const [unit, seconds] = steps.find(([, length]) => largest >= 2_000 * length) ?? ["s", 1];
  return { unit: ` ${unit}`, length: seconds * 1_000 };
}

/** What may lie between two lines of an axis of counts, which has no fractions: in ascending order. */
export const countSteps: readonly number[] = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

/** How a figure has changed. */
export interface Change {
  readonly direction: "up" | "down" | "same";
  /** Such as "+12%", or "×66" from eleven times on; "new" where there was nothing before. */
  readonly text: string;
  /** The same in words. */
  readonly words: string;
}

/** The change from one figure to another; undefined where one of them is unknown. */
export function change(now: number | undefined, then: number | undefined): Change | undefined {
  if (now === undefined || then === undefined) return undefined;
  const ratio = now === then ? 0 : now / then - 1;
  if (Math.abs(ratio) < 0.005) {
    return { direction: "same", text: "0%", words: "as much as before" };
  }
  if (then === 0) return { direction: "up", text: "new", words: "nothing before" };
  if (ratio >= 10) {
    const times = count(now / then);
    return { direction: "up", text: `×${times}`, words: `${times} times as much as before` };
  }
  const text = wholePercent.format(Math.abs(ratio));
  return ratio > 0
    ? { direction: "up", text: `+${text}`, words: `${text} more than before` }
    : { direction: "down", text: `−${text}`, words: `${text} less than before` };
}

/** When a bucket begins, as its unit wants it. */
export function bucketName(unit: Unit, zone: string, isLong: boolean): (start: number) => string {
  const year = isLong ? ({ year: "numeric" } as const) : {};
  const day = { day: "numeric", month: "short" } as const;
  const options: Intl.DateTimeFormatOptions = {
    hour: { ...(isLong ? { weekday: "short", ...day } : {}), hour: "2-digit", minute: "2-digit" },
    day: { ...(isLong ? { weekday: "short" } : {}), ...day, ...year },
    week: { ...day, ...year },
    month: { month: isLong ? "long" : "short", year: "numeric" },
  }[unit] as Intl.DateTimeFormatOptions;
  const format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  const prefix = unit === "week" && isLong ? "Week of " : "";
  return (start) => prefix + format.format(start);
}

/** A span in words, such as "1 – 28 Jan 2026". Dates alone where it is made of days. */
export function spanText({ start, end }: Span, zone: string, range: Range): string {
  const isDays = range.preset !== undefined || (range.from.length === 10 && range.to.length === 10);
  const time = isDays ? {} : ({ hour: "2-digit", minute: "2-digit" } as const);
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    ...time,
    timeZone: zone,
  }).formatRange(start, isDays ? end - 1 : end);
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago a moment was, such as "3 minutes ago". */
export function ago(time: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - time) / 1_000));
  if (seconds < 5) return "just now";
  if (seconds < 60) return relative.format(-seconds, "second");
  if (seconds < 3_600) return relative.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3_600), "hour");
  return relative.format(-Math.floor(seconds / 86_400), "day");
}

const regions = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

/** The name of a country by its code; what is no code stays as it was logged. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
}
