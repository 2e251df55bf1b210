/**
 * Time zones as the runtime's Intl has them, and the buckets of time in them.
 *
 * The local time of a moment is written as the number of milliseconds that UTC
 * would have to show the same clock.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Between which moments the table of a zone is right. */
const FIRST = Date.UTC(1980, 0, 1);
const LAST = Date.UTC(2045, 0, 1);

/** A time during which the clocks of a zone were so much ahead of UTC. */
interface Period {
  readonly from: number;
  readonly offset: number;
}

export type BucketLength = "hour" | "day" | "week" | "month";

/** A time zone of the IANA database. */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #periods: Period[] = [];

  private constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    let known = this.#ask(FIRST);
    this.#periods.push({ from: FIRST, offset: known });
    for (let day = FIRST; day < LAST; day += DAY) {
      if (this.#ask(day + DAY) === known) continue;
      let before = day;
      let after = day + DAY;
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (this.#ask(middle) === known) before = middle;
        else after = middle;
      }
      known = this.#ask(after);
      this.#periods.push({ from: after, offset: known });
    }
  }

  static readonly #made = new Map<string, Zone>();

  /** The zone of a name. */
  static of(name: string): Zone {
    const made = this.#made.get(name) ?? new Zone(name);
    this.#made.set(name, made);
    return made;
  }

  /** When the clocks changed. */
  get transitions(): number[] {
    return this.#periods.slice(1).map(({ from }) => from);
  }

  /** What the clocks of the zone show. */
  local(time: number): number {
    return time + this.#periodAt(time).offset;
  }

  /**
   * The moment at which the clocks show this. Where they show it twice, the
   * first one; where they skip it, as much after the change as it is beyond it.
   */
  moment(local: number): number {
    const candidates = this.#periods
      .map(({ offset }) => local - offset)
      .filter((time) => time >= FIRST && time < LAST && this.local(time) === local);
    if (candidates.length > 0) return Math.min(...candidates);
    return local - this.#periodAt(local - DAY).offset;
  }

  /** The beginnings of all buckets that have a moment from `from` up to, but not including, `to`; "many" beyond 10,000. */
  buckets(length: BucketLength, from: number, to: number): number[] | "many" {
    if (from >= to) return [];
    if ((to - from) / shortest[length] > 30_000) return "many";
    const first = this.bucketOf(length, from);
    const begins = this.#beginnings(length, first, to);
    return begins.length > 10_000 ? "many" : begins;
  }

  /** When the bucket begins that has this moment. */
  bucketOf(length: BucketLength, time: number): number {
    // A day more than the longest can be, because the clocks change within.
    const begins = this.#beginnings(length, time - longest[length] - 2 * DAY, time + 1);
    const last = begins.at(-1);
    if (last === undefined) throw new Error(`no ${length} of ${this.name} has ${time}`);
    return last;
  }

  #beginnings(length: BucketLength, from: number, to: number): number[] {
    if (from < FIRST || to > LAST) throw new Error(`${from} to ${to} is beyond the table`);
    const step = length === "hour" ? HOUR : DAY;
    const found = new Set<number>();
    for (const [index, period] of this.#periods.entries()) {
      const end = Math.min(this.#periods[index + 1]?.from ?? LAST, to);
      const begin = Math.max(period.from, from);
      if (begin >= end) continue;
      // Where the clocks jump, what they jump into begins with the jump.
      if (period.from >= from && index > 0) this.#addIfNew(length, period.from, found);
      const local = begin + period.offset;
      for (let mark = Math.ceil(local / step) * step - period.offset; mark < end; mark += step) {
        if (length === "hour") found.add(mark);
        else this.#addIfNew(length, mark, found);
      }
    }
    return [...found].toSorted((a, b) => a - b);
  }

  #addIfNew(length: BucketLength, time: number, found: Set<number>): void {
    if (label(length, this.local(time)) !== label(length, this.local(time - 1))) found.add(time);
  }

  #periodAt(time: number): Period {
    let low = 0;
    let high = this.#periods.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#periods[middle] as Period).from <= time) low = middle;
      else high = middle;
    }
    return this.#periods[low] as Period;
  }

  #ask(time: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(time)) parts[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    const shown = Date.UTC(year, month - 1, day, hour, minute, second);
    return shown - Math.floor(time / 1_000) * 1_000;
  }
}

const shortest = { hour: 1_800_000, day: 23 * HOUR, week: 6 * DAY, month: 27 * DAY };
const longest = { hour: 2 * HOUR, day: 2 * DAY, week: 8 * DAY, month: 32 * DAY };

/** Which hour, day, week or month a clock shows. */
function label(length: BucketLength, local: number): number {
  const day = Math.floor(local / DAY);
  if (length === "hour") return Math.floor(local / HOUR);
  if (length === "day") return day;
  // 1970-01-01 was a Thursday.
  if (length === "week") return Math.floor((day + 3) / 7);
  const date = new Date(local);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
