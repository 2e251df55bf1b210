import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HALF_LIFE_MS, Trending } from "../../src/recommendations/trending.ts";

const NOW = Date.UTC(2026, 0, 1);
const WEEKS = 60;
const event = fc.record({
  video: fc.integer({ min: 1, max: 200 }),
  age: fc.integer({ min: 0, max: WEEKS * HALF_LIFE_MS }),
});

test("a video weighs the sum of what was done with it, half as much for every seven days", () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const trending = new Trending();
      const expected = new Map<number, number>();
      for (const { video, age } of events) {
        trending.addViews(video, NOW - age, 1);
        expected.set(video, (expected.get(video) ?? 0) + 0.5 ** (age / HALF_LIFE_MS));
      }
      for (const [video, weight] of expected) {
        expect(trending.weight(video, NOW) / weight).toBeCloseTo(1, 9);
        // The order is that of the weights, at any time.
        expect(trending.rank(video) - NOW / HALF_LIFE_MS).toBeCloseTo(Math.log2(weight), 6);
      }
    }),
  );
});

test("what is taken back does not count, in whatever order it came", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), (a, b) => {
      const trending = new Trending();
      trending.addViews(1, NOW - a * HALF_LIFE_MS, 1);
      trending.addViews(1, NOW - b * HALF_LIFE_MS, 1);
      trending.subtractViews(1, NOW - a * HALF_LIFE_MS, 1);
      expect(trending.weight(1, NOW) * 2 ** b).toBeCloseTo(1, 3);
      trending.subtractViews(1, NOW - b * HALF_LIFE_MS, 1);
      expect(trending.weight(1, NOW)).toBe(0);
      expect(trending.rank(1)).toBe(-Infinity);
    }),
  );
});

test("what was done decades ago still weighs something", () => {
  const trending = new Trending();
  trending.addViews(1, Date.UTC(2000, 0, 1), 1);
  expect(trending.weight(1, Date.UTC(2060, 0, 1))).toBeGreaterThan(0);
  expect(trending.weight(2, NOW)).toBe(0);
  expect(trending.rank(1)).toBeGreaterThan(trending.rank(2));
});

test("what has only old views trends no more when they are gone, unless there are opinions", () => {
  const trending = new Trending();
  const before = NOW - HALF_LIFE_MS;
  for (const video of [1, 2, 3, 4]) trending.addViews(video, before - 1, 1);
  trending.addViews(2, before, 1);
  trending.addOpinion(3, before - 2);
  trending.addOpinion(4, before - 2);
  trending.subtractOpinion(4, before - 2);
  trending.dropViews(before);
  const known = [1, 2, 3, 4].filter((video) => trending.rank(video) > -Infinity);
  expect(known).toEqual([2, 3]);
});
