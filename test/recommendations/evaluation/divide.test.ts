import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideByTime, divideByViewer } from "../../../src/recommendations/evaluation/divide.ts";
import { userCount } from "../../../src/recommendations/model/matrix.ts";
import { Kind } from "../../../src/recommendations/signals.ts";
import { historiesOf, type Did } from "./histories.ts";

const did = fc.record({
  viewer: fc.integer({ min: 1, max: 30 }),
  video: fc.integer({ min: 1, max: 40 }),
  kind: fc.constantFrom(Kind.VIEW, Kind.LIKE, Kind.PURCHASE, Kind.DISLIKE, Kind.DISMISS),
  time: fc.integer({ min: 1_000, max: 2_000 }),
});
const much = fc.array(did, { minLength: 100, maxLength: 400 });
const options = { seed: 1, maxViewers: 1_000 };

/** Viewer by viewer, the videos that speak for others, and all. */
function tastes(all: readonly Did[]): Map<number, { liked: Set<number>; all: Set<number> }> {
  const found = new Map<number, { liked: Set<number>; all: Set<number> }>();
  for (const { viewer, video, kind } of all) {
    const own = found.get(viewer) ?? { liked: new Set(), all: new Set() };
    own.all.add(video);
    if (kind !== Kind.DISLIKE && kind !== Kind.DISMISS) own.liked.add(video);
    found.set(viewer, own);
  }
  for (const { viewer, video, kind } of all) {
    if (kind === Kind.DISLIKE || kind === Kind.DISMISS) found.get(viewer)?.liked.delete(video);
  }
  return found;
}

describe("a division by viewer", () => {
  it("should hide what viewers like, a fifth, and learn nothing from them", () => {
    fc.assert(
      fc.property(much, (all) => {
        const { cases, interactions } = divideByViewer(historiesOf(all), options);
        const viewers = [...tastes(all).values()];
        const eligible = viewers.filter(({ liked }) => liked.size >= 5);
        expect(cases).toHaveLength(Math.round(0.1 * eligible.length));
        const likers = viewers.filter(({ liked }) => liked.size > 0);
        expect(userCount(interactions.matrix)).toBe(likers.length - cases.length);
        for (const { likes, known, hidden } of cases) {
          const given = likes.filter(({ weight }) => weight > 0);
          expect(given).toHaveLength(Math.floor(0.8 * (given.length + hidden.length)));
          const knows = new Set(known);
          for (const video of hidden) expect(knows.has(video)).toBe(false);
          for (const { video } of likes) expect(knows.has(video)).toBe(true);
        }
      }),
    );
  });

  it("should be the same for a seed, and have no more viewers than wanted", () => {
    const all = Array.from({ length: 300 }, (_, index) =>
      Array.from({ length: 6 }, (_unused, k) => ({
        viewer: index + 1,
        video: ((index * 7 + k * 11) % 50) + 1,
        kind: Kind.VIEW,
        time: 1_000 + k,
      })),
    ).flat();
    const divided = divideByViewer(historiesOf(all), options);
    expect(divideByViewer(historiesOf(all), options)).toEqual(divided);
    expect(divideByViewer(historiesOf(all), { ...options, seed: 2 })).not.toEqual(divided);
    expect(divideByViewer(historiesOf(all), { seed: 1, maxViewers: 12 }).cases).toHaveLength(12);
  });
});

describe("a division by time", () => {
  it("should hide what viewers came to like after it, and learn from what came before", () => {
    fc.assert(
      fc.property(much, fc.integer({ min: 1_000, max: 2_001 }), (all, time) => {
        const early = all.filter((one) => one.time < time);
        const late = all.filter((one) => one.time >= time);
        const { cases, interactions } = divideByTime(
          historiesOf(early),
          historiesOf(late),
          options,
        );
        const before = tastes(early);
        const after = tastes(late);
        const expected = [...after].flatMap(([viewer, { liked }]) => {
          const own = before.get(viewer);
          if (own === undefined || own.liked.size === 0) return [];
          const hidden = [...liked].filter((video) => !own.all.has(video));
          return hidden.length === 0 ? [] : [{ known: own.all, hidden: new Set(hidden) }];
        });
        const found = cases.map(({ known, hidden }) => ({
          known: new Set(known),
          hidden: new Set(hidden),
        }));
        expect(found).toHaveLength(expected.length);
        for (const one of expected) expect(found).toContainEqual(one);
        const pairs = [...before.values()].reduce((sum, { liked }) => sum + liked.size, 0);
        expect(interactions.matrix.columns).toHaveLength(pairs);
      }),
      { numRuns: 50 },
    );
  });
});
