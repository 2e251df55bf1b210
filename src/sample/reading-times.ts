import type { Random } from "../random.ts";
import { DAYS, type Reader } from "./audience.ts";
import { normal } from "./draw.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How likely somebody reads on a day, from Sunday to Saturday, next to the best one. */
const DAY_WEIGHTS = [1, 0.62, 0.6, 0.62, 0.66, 0.74, 0.96];

/**
 * When a reader sits down to read, in order: in the evening mostly, at lunch or
 * at some other time of a waking day, at weekends more than on other days.
 *
 * @param now the end of the sample, in milliseconds since 1970: none is later.
 */
export function readingTimes(reader: Reader, count: number, now: number): number[] {
  return Array.from({ length: count }, () => readingTime(reader, now)).toSorted((a, b) => a - b);
}

function readingTime(
  { random, joinedDaysAgo, utcOffset, eveningHour }: Reader,
  now: number,
): number {
  const offset = utcOffset * HOUR_MS;
  const earliest = now - Math.min(DAYS, joinedDaysAgo) * DAY_MS;
  for (;;) {
    const local = now + offset - random() * (now - earliest + DAY_MS);
    const day = Math.floor(local / DAY_MS);
    // The first day of 1970 was a Thursday.
    if (random() > (DAY_WEIGHTS[(day + 4) % 7] ?? 0)) continue;
    const time = day * DAY_MS + hourOfDay(random, eveningHour) * HOUR_MS - offset;
    if (time <= now && time >= Math.min(earliest, now - DAY_MS)) return Math.floor(time);
  }
}

/** From 0 to 24, or a little more for those who read past midnight. */
function hourOfDay(random: Random, eveningHour: number): number {
  const habit = random();
  if (habit < 0.6) return eveningHour + 1.3 * normal(random);
  if (habit < 0.78) return 12.8 + 0.8 * normal(random);
  if (habit < 0.86) return 7.8 + 0.7 * normal(random);
  return 8 + 15 * random();
}
