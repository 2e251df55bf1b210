import type { KnownView, Ledger } from "./ledger.ts";
import type { Dimension, Filter, Interval, MetricName, Metrics } from "./question.ts";

/** What views say, one by one and together, counted in the plainest way. */

/** The value that a view has of a dimension; "" for none. */
export function valueOf(view: KnownView, dimension: Dimension): string {
  switch (dimension.kind) {
    case "video":
      return view.video;
    case "country":
      return view.country;
    case "device":
      return view.device;
    case "referrer":
      return view.referrer;
    case "referrerHost":
      return hostOf(view.referrer);
    default:
      return view.properties.get(dimension.property) ?? "";
  }
}

/** The host of a URL, in lower case, without "www."; "" for what is no URL with a host. */
export function hostOf(referrer: string): string {
  const colon = referrer.indexOf("://");
  if (colon < 1) return "";
  const scheme = referrer.slice(0, colon).toLowerCase();
  if (!/^[a-z]$/.test(scheme.charAt(0))) return "";
  for (const character of scheme) {
    if (!"abcdefghijklmnopqrstuvwxyz0123456789+-.".includes(character)) return "";
  }
  let authority = referrer.slice(colon + 3);
  for (const end of ["/", "?", "#"]) authority = authority.split(end)[0] ?? "";
  const host = (authority.split("@").at(-1) ?? "").toLowerCase();
  const closing = host.indexOf("]");
  const named = closing === -1 ? (host.split(":")[0] ?? "") : host.slice(0, closing + 1);
  return named.startsWith("www.") ? named.slice(4) : named;
}

export function passes(view: KnownView, filter: Filter): boolean {
  if ("allOf" in filter) return filter.allOf.every((one) => passes(view, one));
  if ("anyOf" in filter) return filter.anyOf.some((one) => passes(view, one));
  if ("not" in filter) return !passes(view, filter.not);
  const value = valueOf(view, filter.of);
  return "in" in filter ? filter.in.includes(value) : value.startsWith(filter.prefix);
}

export function within(view: KnownView, { from, to }: Interval): boolean {
  return (from === undefined || view.time >= from) && (to === undefined || view.time < to);
}

/** All that can be said of some views. */
export function figures(views: readonly KnownView[]): Required<Metrics> {
  const people = views.filter((view) => !view.bot);
  const viewers = new Set(people.map((view) => view.viewer));
  viewers.delete("");
  const watchMs = sum(people.map((view) => view.watchMs));
  const told = people.flatMap(({ progress }) => (progress === undefined ? [] : [progress]));
  const ended = told.filter((progress) => progress >= 950);
  return {
    views: people.length,
    uniqueViewers: viewers.size,
    watchMs,
    averageWatchMs: people.length === 0 ? undefined : watchMs / people.length,
    averageProgress: told.length === 0 ? undefined : sum(told) / told.length / 1_000,
    completionRate: told.length === 0 ? undefined : ended.length / told.length,
    botViews: views.length - people.length,
  };
}

/** Those figures that were asked for. */
export function asked(views: readonly KnownView[], metrics: readonly MetricName[]): Metrics {
  const all = figures(views);
  return Object.fromEntries(metrics.map((metric) => [metric, all[metric]]));
}

/** The videos with views of people, with their figures: most views first, then by their names' age. */
export function topVideos(
  ledger: Ledger,
  interval: Interval,
): { video: string; views: number; uniqueViewers: number; watchMs: number }[] {
  return [...byVideo(ledger.views.filter((view) => within(view, interval)))]
    .map(([video, views]) => {
      const { views: count = 0, uniqueViewers = 0, watchMs = 0 } = figures(views);
      return { video, views: count, uniqueViewers, watchMs };
    })
    .filter(({ views }) => views > 0)
    .toSorted((a, b) => b.views - a.views || ledger.rank(a.video) - ledger.rank(b.video));
}

/** The videos whose views grow, at one moment. */
export function trendingVideos(
  ledger: Ledger,
  windowMs: number,
  now: number,
  limit: number,
): { video: string; views: number; previousViews: number; score: number }[] {
  const people = ledger.views.filter((view) => !view.bot);
  return [...byVideo(people)]
    .map(([video, views]) => {
      const during = (from: number, to: number): number =>
        views.filter((view) => within(view, { from, to })).length;
      const count = during(now - windowMs, now);
      const previousViews = during(now - 2 * windowMs, now - windowMs);
      const score = (count - previousViews) / Math.sqrt(previousViews + 1);
      return { video, views: count, previousViews, score };
    })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || ledger.rank(a.video) - ledger.rank(b.video))
    .slice(0, limit);
}

/** How many views told their progress, and how many of them got to each hundredth. */
export function audience(views: readonly KnownView[]): { views: number; reached: number[] } {
  const told = views.flatMap(({ bot, progress }) =>
    bot || progress === undefined ? [] : [progress],
  );
  if (told.length === 0) return { views: 0, reached: [] };
  const reached = Array.from(
    { length: 101 },
    (_, hundredth) => told.filter((progress) => progress >= hundredth * 10).length,
  );
  return { views: told.length, reached };
}

/**
 * How many viewers count as current at least and at most, at some moment
 * between two: those who began in the last 5 minutes; perhaps those who went on
 * since, which a server does not know of the time before its start. The clock of
 * these counts is 10 seconds fine.
 */
export function currentViewers(
  views: readonly KnownView[],
  began: number,
  ended: number,
): { least: number; most: number } {
  const people = views.filter(({ bot, viewer }) => !bot && viewer !== "");
  const count = (some: readonly KnownView[]): number => new Set(some.map((one) => one.viewer)).size;
  const since = (moment: number): number => moment - 5 * 60_000;
  return {
    least: count(people.filter(({ time }) => time >= since(ended) + 10_000 && time <= began)),
    most: count(
      people.filter(({ time, extended }) => Math.max(time, extended) >= since(began) - 10_000),
    ),
  };
}

function byVideo(views: readonly KnownView[]): Map<string, KnownView[]> {
  return Map.groupBy(views, ({ video }) => video);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
