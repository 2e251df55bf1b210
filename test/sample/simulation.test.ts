import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { audienceOf } from "../../src/sample/audience.ts";
import { readBooks } from "../../src/sample/books.ts";
import { TRENDING } from "../../src/sample/bursts.ts";
import { simulate, type Simulation } from "../../src/sample/simulation.ts";

const DAY_MS = 86_400_000;
const now = Date.UTC(2026, 4, 20, 15, 30);
const seed = 7;
const books = await readBooks();
const viewerIds = Array.from({ length: 300 }, (_, index) => `reader-${index}`);
const simulation = await simulate({ books, viewerIds, now, seed });
const { views, opinions } = simulation;

/** Counts by a name of each. */
function tally<T>(values: readonly T[], nameOf: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(nameOf(value), (counts.get(nameOf(value)) ?? 0) + 1);
  return counts;
}

function digest(of: Simulation): string {
  return createHash("sha256").update(JSON.stringify(of)).digest("hex");
}

/** How many views began in an interval of days before the end. */
function viewsBetween(from: number, to: number): number {
  return views.filter(({ startTime }) => {
    const daysAgo = (now - startTime) / DAY_MS;
    return daysAgo <= from && daysAgo > to;
  }).length;
}

describe("a simulation", () => {
  it("should be the same for a seed, and another one for another", async () => {
    const [same, other] = await Promise.all([
      simulate({ books, viewerIds, now, seed }),
      simulate({ books, viewerIds, now, seed: seed + 1 }),
    ]);
    expect(digest(same)).toBe(digest(simulation));
    expect(digest(other)).not.toBe(digest(simulation));
  });

  it("should have views that a server takes: ids of their own, and times that were", () => {
    expect(new Set(views.map(({ viewId }) => viewId)).size).toBe(views.length);
    const wrong = views.filter(
      ({ startTime, watchMs, progress }) =>
        !(startTime <= now && startTime >= now - 61 * DAY_MS) ||
        !(Number.isInteger(watchMs) && watchMs >= 0 && watchMs <= DAY_MS) ||
        !(progress >= 0 && progress <= 1),
    );
    expect(wrong).toEqual([]);
    expect(opinions.filter(({ time }) => time > now)).toEqual([]);
  });

  it("should have other ids of views for another time", async () => {
    const later = await simulate({ books, viewerIds, now: now + 1, seed });
    const ids = new Set(views.map(({ viewId }) => viewId));
    expect(later.views.filter(({ viewId }) => ids.has(viewId))).toEqual([]);
  });

  it("should grow", () => {
    expect(viewsBetween(20, 0)).toBeGreaterThan(1.5 * viewsBetween(60, 40));
  });

  it("should have readers who mostly read what they like", () => {
    const tastes = new Map(audienceOf(viewerIds, seed).map((reader) => [reader.id, reader.tastes]));
    const categories = new Map(books.map((book) => [book.id, book.categories]));
    const named = views.filter(({ viewerId }) => viewerId !== "");
    const liked = named.filter(({ viewerId, videoName }) =>
      categories.get(videoName)?.some((one) => tastes.get(viewerId)?.includes(one)),
    );
    expect(liked.length / named.length).toBeGreaterThan(0.8);
  });

  it("should have a book that most open this week, and did not before", () => {
    const [first] = [
      ...tally(
        views.filter(({ startTime }) => startTime > now - 5 * DAY_MS),
        (view) => view.videoName,
      ),
    ].toSorted(([, a], [, b]) => b - a);
    expect(first?.[0]).toBe(TRENDING);
    const before = views.filter(
      ({ videoName, startTime }) => videoName === TRENDING && startTime < now - 5 * DAY_MS,
    );
    expect(before.length).toBeLessThan(0.2 * (first?.[1] ?? 0));
  });

  it("should have evenings, and countries, devices and referrers of different weight", () => {
    const german = views.filter(({ country }) => country === "DE");
    const hours = tally(german, ({ startTime }) =>
      String(new Date(startTime + 3_600_000).getUTCHours()),
    );
    expect(hours.get("20") ?? 0).toBeGreaterThan(5 * (hours.get("4") ?? 0));
    expect(tally(views, ({ country }) => country).size).toBeGreaterThan(8);
    expect(tally(views, ({ device }) => device).size).toBe(4);
    const hosts = [...tally(views, ({ referrer }) => referrer).keys()].filter((one) => one !== "");
    // Nobody's: a sample must not name what is there.
    expect(hosts.filter((one) => !new URL(one).hostname.endsWith(".example"))).toEqual([]);
  });

  it("should have books read to their end, and books put aside", () => {
    const share = views.filter(({ progress }) => progress >= 0.95).length / views.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.5);
    expect(views.filter(({ progress }) => progress < 0.05).length).toBeGreaterThan(100);
  });
});
