import { asked, passes, valueOf, within } from "./facts.ts";
import type { KnownView, Ledger } from "./ledger.ts";
import type { Interval, Metrics, OrderKey, Row, ViewsAnswer, ViewsQuestion } from "./question.ts";
import { Zone } from "./zones.ts";

/** The whole answer to a question of QueryViews; undefined if it has more rows than `limit`. */
export function answer(
  ledger: Ledger,
  question: ViewsQuestion,
  limit: number,
): ViewsAnswer | undefined {
  const zone = Zone.of(question.zone === "" ? "UTC" : question.zone);
  const previousInterval = question.comparePrevious ? before(zone, question.interval) : undefined;
  const counted = ledger.views.filter(
    (view) =>
      question.filters.every((filter) => passes(view, filter)) &&
      // Bots are counted in one metric only: without it, they are not there.
      (!view.bot || question.metrics.includes("botViews")),
  );
  const current = counted.filter((view) => within(view, question.interval));
  const previous =
    previousInterval === undefined ? [] : counted.filter((view) => within(view, previousInterval));
  const groups = groupsOf(current, question);
  const previousGroups = groupsOf(previous, question);
  const now = bucketsOf(zone, question, question.interval, current);
  const then = previousInterval && bucketsOf(zone, question, previousInterval, previous);
  if (now === "many" || then === "many") return "too many buckets";
  if (groups.size * now.length > limit) return undefined;
  const rows: Row[] = [];
  for (const [key, { values, views }] of groups) {
    const earlier = previousGroups.get(key)?.views ?? [];
    for (const [place, bucket] of now.entries()) {
      const same = then?.[place];
      rows.push({
        start: bucket.start,
        values,
        metrics: asked(
          views.filter((view) => within(view, bucket)),
          question.metrics,
        ),
        previous:
          same &&
          asked(
            earlier.filter((view) => within(view, same)),
            question.metrics,
          ),
      });
    }
  }
  return { rows: rows.toSorted(inOrder(question)), previousInterval };
}

/**
 * The period before an interval with both ends: as many months, else as many
 * days as it has whole in the zone, else as many milliseconds.
 */
function before(zone: Zone, { from, to }: Interval): Interval {
  if (from === undefined || to === undefined)
    throw new Error("an open interval has none before it");
  if (from === to) return { from, to: from };
  const begin = new Date(zone.local(from));
  const end = new Date(zone.local(to));
  const months =
    (end.getUTCFullYear() - begin.getUTCFullYear()) * 12 + end.getUTCMonth() - begin.getUTCMonth();
  const sameDay = begin.getUTCDate() === end.getUTCDate();
  if (months > 0 && sameDay && zone.moment(addMonths(begin, months)) === to) {
    return { from: zone.moment(addMonths(begin, -months)), to: from };
  }
  const days = Math.round((end.getTime() - begin.getTime()) / DAY);
  if (days > 0 && zone.moment(begin.getTime() + days * DAY) === to) {
    return { from: zone.moment(begin.getTime() - days * DAY), to: from };
  }
  return { from: from - (to - from), to: from };
}

const DAY = 86_400_000;

/** The same day and time so many months later, or the last day of that month if it is shorter. */
function addMonths(local: Date, months: number): number {
  const month = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + months, 1));
  const last = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(local.getUTCDate(), last);
  return (
    month.getTime() + (day - 1) * DAY + (local.getTime() - Math.floor(local.getTime() / DAY) * DAY)
  );
}

/** The views of each combination of values, by that combination. */
function groupsOf(
  views: readonly KnownView[],
  { dimensions }: ViewsQuestion,
): Map<string, { values: readonly string[]; views: KnownView[] }> {
  const groups = new Map<string, { values: readonly string[]; views: KnownView[] }>();
  // Without dimensions there is one group, even of no views.
  if (dimensions.length === 0) groups.set("[]", { values: [], views: [] });
  for (const view of views) {
    const values = dimensions.map((dimension) => valueOf(view, dimension));
    const key = JSON.stringify(values);
    const group = groups.get(key) ?? { values, views: [] };
    group.views.push(view);
    groups.set(key, group);
  }
  return groups;
}

interface Bucket extends Interval {
  readonly start: number | undefined;
}

/** The buckets of an interval, each cut off where the interval is; one of all without a granularity. */
function bucketsOf(
  zone: Zone,
  { granularity }: ViewsQuestion,
  interval: Interval,
  views: readonly KnownView[],
): Bucket[] | "many" {
  if (granularity === undefined) return [{ start: undefined, ...interval }];
  const times = views.map(({ time }) => time);
  const from = interval.from ?? Math.min(...times);
  const to = interval.to ?? Math.max(...times) + 1;
  // An open end without a view.
  if (!Number.isFinite(from) || !Number.isFinite(to)) return [];
  const begins = zone.buckets(granularity, from, to);
  if (begins === "many") return "many";
  return begins.map((start, index) => ({
    start,
    from: Math.max(start, from),
    to: Math.min(begins[index + 1] ?? to, to),
  }));
}

function inOrder({ orderBy, metrics, granularity }: ViewsQuestion): (a: Row, b: Row) => number {
  const time: OrderKey = { time: true, descending: false };
  const first: OrderKey[] = metrics.slice(0, 1).map((metric) => ({ metric, descending: true }));
  const byDefault = granularity === undefined ? first : [time, ...first];
  const keys = orderBy.length > 0 ? orderBy : byDefault;
  return (a, b) => {
    for (const key of [...keys, time]) {
      const order = compare(a, b, key);
      if (order !== 0) return order;
    }
    for (const place of a.values.keys()) {
      const order = byBytes(a.values[place] ?? "", b.values[place] ?? "");
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compare(a: Row, b: Row, key: OrderKey): number {
  const direction = key.descending ? -1 : 1;
  if ("time" in key) return direction * ((a.start ?? 0) - (b.start ?? 0));
  if ("dimension" in key) {
    const place = key.dimension - 1;
    return direction * byBytes(a.values[place] ?? "", b.values[place] ?? "");
  }
  return direction === -1
    ? byMetric(b.metrics, a.metrics, key.metric, -1)
    : byMetric(a.metrics, b.metrics, key.metric, 1);
}

/** Absent figures come last, in either direction. */
function byMetric(a: Metrics, b: Metrics, metric: keyof Metrics, absent: number): number {
  const [one, other] = [a[metric], b[metric]];
  if (one === undefined || other === undefined) {
    return absent * (Number(one === undefined) - Number(other === undefined));
  }
  return one - other;
}

/** The order of the bytes of UTF-8, which is that of the characters' numbers. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
