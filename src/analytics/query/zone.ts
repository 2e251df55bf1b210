import { Temporal } from "temporal-polyfill";

/** A time during which the clocks of a zone were so far ahead of UTC: milliseconds. */
export interface OffsetPeriod {
  /** When it began: milliseconds since 1970. It ends where the next one begins. */
  readonly from: number;
  readonly offset: number;
}

/**
 * Whether this is the name of a time zone of the IANA database; upper and lower
 * case are the same. An offset such as "+01:00" is none.
 */
export function isTimeZone(name: string): boolean {
  // Temporal takes offsets and whole timestamps as well.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The clocks of a zone at a moment: milliseconds since 1970. */
export function zoned(time: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone);
}

/**
 * How far the clocks of a zone are ahead of UTC from one moment to another: at
 * least one period; the first one has `from`, and no two in a row are the same.
 */
export function offsetPeriods(zone: string, from: number, to: number): OffsetPeriod[] {
  const periods: OffsetPeriod[] = [];
  for (let era = Math.floor(from / ERA_MS); era * ERA_MS < to || periods.length === 0; era++) {
    for (const period of periodsOf(zone, era)) {
      if (periods.at(-1)?.offset !== period.offset) periods.push(period);
    }
  }
  const first = periods.findLastIndex((period) => period.from <= from);
  return periods.slice(first).filter((period, index) => index === 0 || period.from < to);
}

/** About ten years: a few milliseconds' work, where clocks change twice a year. */
const ERA_MS = 10 * 365 * 86_400_000;
/** How many eras are remembered: some megabytes. */
const REMEMBERED = 2_000;

const remembered = new Map<string, readonly OffsetPeriod[]>();

function periodsOf(zone: string, era: number): readonly OffsetPeriod[] {
  const key = `${zone} ${era}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const end = (era + 1) * ERA_MS;
  const periods: OffsetPeriod[] = [];
  let clock: Temporal.ZonedDateTime | null = zoned(era * ERA_MS, zone);
  while (clock !== null && clock.epochMilliseconds < end) {
    periods.push({ from: clock.epochMilliseconds, offset: clock.offsetNanoseconds / 1_000_000 });
    clock = clock.getTimeZoneTransition("next");
  }
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(key, periods);
  return periods;
}
