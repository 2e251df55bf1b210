import { hostOf } from "./facts.ts";
import { anyTime, YEAR_2000 } from "./history.ts";
import {
  countries,
  devices,
  properties,
  referrers,
  unknownProperty,
  videos,
  zones,
} from "./pools.ts";
import {
  metricNames,
  type Dimension,
  type Filter,
  type Interval,
  type OrderKey,
  type ViewsQuestion,
} from "./question.ts";
import type { Random } from "./random.ts";
import { Zone, type BucketLength } from "./zones.ts";

const DAY = 86_400_000;

/** A random question of QueryViews; some of its moments are of `times`. */
export function anyQuestion(random: Random, times: readonly number[]): ViewsQuestion {
  const metrics = random.some(metricNames, random.between(1, random.chance(0.2) ? 7 : 3));
  const dimensions = someDimensions(random);
  const granularity = random.pick<BucketLength | undefined>([
    undefined,
    undefined,
    "hour",
    "day",
    "week",
    "month",
  ]);
  const zone = random.pick(["", ...zones]);
  const compare = random.chance(0.3);
  const interval = compare
    ? closedInterval(random, times, zone)
    : anyInterval(random, times, granularity, zone);
  const keys: OrderKey[] = [
    ...metrics.map((metric) => ({ metric, descending: random.chance(0.5) })),
    ...dimensions.map((_, at) => ({ dimension: at + 1, descending: random.chance(0.5) })),
    ...(granularity === undefined ? [] : [{ time: true, descending: random.chance(0.5) } as const]),
  ];
  return {
    metrics,
    dimensions,
    filters: Array.from({ length: random.pick([0, 0, 1, 2]) }, () => anyFilter(random, 3)),
    interval,
    granularity,
    zone,
    orderBy: random.chance(0.4)
      ? []
      : random.some(keys, random.between(1, Math.min(keys.length, 8))),
    pageSize: random.pick([0, 1, 7, 100, 10_000]),
    comparePrevious: compare,
  };
}

function anyDimension(random: Random): Dimension {
  const kind = random.pick([
    "video",
    "country",
    "device",
    "referrer",
    "referrerHost",
    "property",
  ] as const);
  if (kind !== "property") return { kind };
  return { kind, property: random.pick([...properties.keys(), unknownProperty]) };
}

function someDimensions(random: Random): Dimension[] {
  const count = random.pick([0, 0, 1, 1, 1, 2, 2, 3, 4]);
  const found = new Map<string, Dimension>();
  for (let tries = 0; tries < count; tries++) {
    const dimension = anyDimension(random);
    found.set(JSON.stringify(dimension), dimension);
  }
  return [...found.values()];
}

function anyFilter(random: Random, depth: number): Filter {
  const kind = random.next();
  if (depth > 0 && kind < 0.15) return { not: anyFilter(random, depth - 1) };
  if (depth > 0 && kind < 0.45) {
    const filters = Array.from({ length: random.between(1, 3) }, () =>
      anyFilter(random, depth - 1),
    );
    return kind < 0.3 ? { allOf: filters } : { anyOf: filters };
  }
  const of = anyDimension(random);
  const values = valuesOf(of);
  if (kind < 0.75) {
    const some = random.some(values, random.between(1, 3));
    // Long lists may be looked up in another way.
    const others = random.chance(0.2) ? Array.from({ length: 60 }, (_, at) => `"${at}'`) : [];
    return { of, in: [...some, ...others] };
  }
  const characters = [...random.pick(values)];
  const prefix = characters.slice(0, random.between(1, 9)).join("");
  return { of, prefix: prefix === "" ? random.pick(["h", "%", "_", "\\", "N"]) : prefix };
}

/** Values that views may have of a dimension, the empty one, and some that none has. */
function valuesOf(dimension: Dimension): readonly string[] {
  switch (dimension.kind) {
    case "video":
      return [...videos, "unknown", ""];
    case "country":
      return countries;
    case "device":
      return [...devices, "t%"];
    case "referrer":
      return referrers;
    case "referrerHost":
      return [...new Set(referrers.map(hostOf)), "www.example.org"];
    default:
      return [...(properties.get(dimension.property) ?? []), "", "%"];
  }
}

/** A span of time, often open, sometimes empty; some of its ends are of `times`. */
export function anyInterval(
  random: Random,
  times: readonly number[],
  granularity?: BucketLength,
  zone = "",
): Interval {
  // Hours of more than a year would be too many buckets.
  if (granularity === "hour" && random.chance(0.9)) return closedInterval(random, times, zone, 60);
  const kind = random.next();
  if (kind < 0.3) return { from: undefined, to: undefined };
  if (kind < 0.45) return { from: anyMoment(random, times), to: undefined };
  if (kind < 0.6) return { from: undefined, to: anyMoment(random, times) };
  if (kind < 0.63 && granularity === undefined) {
    return { from: -62_135_596_800_000, to: Date.UTC(9999, 11, 31) };
  }
  if (kind < 0.65) return { from: YEAR_2000, to: YEAR_2000 + random.between(0, 2) };
  return closedInterval(random, times, zone);
}

/** A span of time with both ends; many are whole days or months of a zone. */
function closedInterval(
  random: Random,
  times: readonly number[],
  zoneName: string,
  maxDays = 3_000,
): Interval {
  const zone = Zone.of(zoneName === "" ? "UTC" : zoneName);
  const from = anyMoment(random, times);
  const local = zone.local(from);
  const date = new Date(local);
  const kind = random.next();
  if (kind < 0.05) return { from, to: from };
  if (kind < 0.4) {
    const begin = random.chance(0.7) ? Math.floor(local / DAY) * DAY : local;
    const days = random.pick([1, 1, 7, 28, 30, 31, random.between(1, Math.min(maxDays, 400))]);
    return whole(zone, begin, begin + Math.min(days, maxDays) * DAY);
  }
  if (kind < 0.65 && maxDays >= 31) {
    const day = random.chance(0.7) ? 1 : date.getUTCDate();
    const months = random.pick([1, 1, 2, 3, 12]);
    const time = random.chance(0.7) ? 0 : local - Math.floor(local / DAY) * DAY;
    const begin = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day) + time;
    const later = Math.min(months, Math.floor(maxDays / 31));
    const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, day) + time;
    return whole(zone, begin, end);
  }
  const length = random.pick([1, 3_600_000, DAY, random.between(0, maxDays * DAY)]);
  return { from, to: from + length };
}

function anyMoment(random: Random, times: readonly number[]): number {
  return random.chance(0.3) ? random.pick(times) : anyTime(random);
}

/** From one local time to another. */
function whole(zone: Zone, begin: number, end: number): Interval {
  return { from: zone.moment(begin), to: zone.moment(Math.max(begin, end)) };
}
