import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { Histories } from "../../src/recommendations/histories.ts";
import {
  combinedStrength,
  fadedStrength,
  Kind,
  strengthOf,
} from "../../src/recommendations/signals.ts";
import { decay, HALF_LIFE_MS } from "../../src/recommendations/trending.ts";
import type { Interaction, ViewerHistory } from "../../src/recommendations/viewer-history.ts";

test("the kinds are those of the contract", () => {
  const { COUNTED_VIEW: _, ...kinds } = Kind;
  for (const [name, number] of Object.entries(kinds)) {
    expect(FeedbackKind[name as keyof typeof FeedbackKind]).toBe(number);
  }
  const numbers = Object.values(FeedbackKind).filter((value) => typeof value === "number");
  expect(numbers).toEqual([FeedbackKind.UNSPECIFIED, ...Object.values(kinds)]);
});

test("ratings from 3 up speak for an item, the higher the more, and those below against it", () => {
  const ratings = [1, 2, 2.9, 3, 3.5, 4, 5].map((value) => strengthOf(Kind.RATING, value));
  expect(ratings.map(Math.sign)).toEqual([-1, -1, -1, 1, 1, 1, 1]);
  expect(ratings.toSorted((a, b) => a - b)).toEqual(ratings);
  expect(strengthOf(Kind.RATING, 3)).toBeLessThan(strengthOf(Kind.VIEW, 0));
  expect(strengthOf(Kind.RATING, 4)).toBeGreaterThan(strengthOf(Kind.VIEW, 0));
});

test("of a view that counted, the share watched tells how much it says", () => {
  const strengths = [0, 0.2, 0.5, 0.9, 1].map((share) => strengthOf(Kind.COUNTED_VIEW, 1, share));
  expect(strengths.toSorted((a, b) => a - b)).toEqual(strengths);
  expect(strengths[0]).toBeGreaterThan(0);
  expect(strengths[3]).toBe(strengths[4]);
  expect(strengths[4]).toBe(strengthOf(Kind.COUNTED_VIEW, 1, -1));
});

test("what was done long ago says half as much at least", () => {
  const day = 86_400_000;
  const weights = [0, 1, 90, 1_000, 1_000_000].map((days) => fadedStrength(2, days * day));
  expect(weights.toSorted((a, b) => b - a)).toEqual(weights);
  expect([weights[0], weights[2], weights[4]]).toEqual([2, 1.5, 1]);
});

test("what is waved away speaks against an item, less than what is disliked", () => {
  expect(strengthOf(Kind.DISMISS, 0)).toBeLessThan(0);
  expect(strengthOf(Kind.DISMISS, 0)).toBeGreaterThan(strengthOf(Kind.DISLIKE, 0));
});

const VIEWER = 7;

const interaction: fc.Arbitrary<Interaction> = fc
  .record({
    video: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 ** 29 - 1 })),
    kind: fc.integer({ min: 0, max: 6 }),
    value: fc.integer({ min: 100, max: 500 }).map((hundredths) => hundredths / 100),
    time: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 2 ** 42 - 1 })),
    share: fc.constantFrom(-1, 0, 0.01, 0.33, 0.5, 0.99, 1),
  })
  .map((one) => ({
    ...one,
    value: one.kind === Kind.RATING ? one.value : 0,
    share: one.kind === Kind.COUNTED_VIEW ? one.share : -1,
  }));

const many = fc.array(interaction, { maxLength: 400, size: "max" });

/** All that is in a history, but for what views weigh. */
function rowsOf(history: ViewerHistory | undefined): Interaction[] {
  return [...(history?.interactions() ?? [])].map(withoutWeight);
}

function withoutWeight(row: Interaction): Interaction {
  return row.kind === Kind.COUNTED_VIEW ? { ...row, value: 0 } : row;
}

test("for each video and kind the latest stands, however many there are", () => {
  fc.assert(
    fc.property(many, (interactions) => {
      const histories = new Histories();
      const expected = new Map<string, Interaction>();
      for (const one of interactions) {
        const key = `${one.video}/${one.kind}`;
        const before = expected.get(key);
        const { replaced } = histories.record(VIEWER, one);
        const wasPositive = before !== undefined && strengthOf(before.kind, before.value) > 0;
        const takenBack = wasPositive && one.kind !== Kind.COUNTED_VIEW;
        expect(replaced).toBe(takenBack ? before.time : Number.NaN);
        const time = Math.max(before?.time ?? 0, one.time);
        const share = Math.max(before?.share ?? -1, one.share);
        expected.set(key, one.kind === Kind.COUNTED_VIEW ? { ...one, time, share } : one);
      }
      const history = histories.of(VIEWER);
      expect(rowsOf(history)).toEqual([...expected.values()]);
      expect(history?.size ?? 0).toBe(expected.size);
    }),
  );
});

test("what one viewer does leaves the others as they are", () => {
  const one = fc.tuple(fc.integer({ min: 0, max: 30 }), interaction);
  const step = fc.oneof(
    { weight: 20, arbitrary: one },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: "max" }), (steps) => {
      const histories = new Histories();
      const alone = new Map<number, Histories>();
      const erased: Interaction[][] = [];
      const expectedErased: Interaction[][] = [];
      for (const next of steps) {
        if (typeof next === "number") {
          erased.push(histories.erase(next).map(withoutWeight));
          expectedErased.push(rowsOf(alone.get(next)?.of(1)));
          alone.delete(next);
          continue;
        }
        const [viewer, interactions] = next;
        const own = alone.get(viewer) ?? new Histories();
        alone.set(viewer, own);
        own.record(1, interactions);
        histories.record(viewer, interactions);
      }
      expect(erased).toEqual(expectedErased);
      const known = [...histories.all()].map(([viewer, history]) => [viewer, rowsOf(history)]);
      const expected = [...alone].map(([viewer, own]) => [viewer, rowsOf(own.of(1))]);
      expect(new Map(known as [])).toEqual(new Map(expected as []));
    }),
  );
});

test("the interests are one for each video of the newest interactions", () => {
  fc.assert(
    fc.property(fc.array(interaction), fc.integer({ min: 1, max: 40 }), (interactions, limit) => {
      const histories = new Histories();
      for (const one of interactions) histories.record(VIEWER, one);
      const history = histories.of(VIEWER);
      const rows = rowsOf(history);
      const newest = rows.toSorted((a, b) => b.time - a.time).slice(0, limit);
      const interests = history?.interests(limit) ?? [];
      expect(new Set(interests.map(({ video }) => video)).size).toBe(interests.length);
      for (const { video, strength, time, weight } of interests) {
        const own = newest.filter((row) => row.video === video);
        expect(time).toBe(Math.max(...own.map((row) => row.time)));
        const strengths = own.map((row) => strengthOf(row.kind, row.value, row.share));
        expect(strength).toBe(strengths.reduce(combinedStrength));
        const age = (newest[0]?.time ?? 0) - time;
        expect(weight).toBe(fadedStrength(strength, age));
      }
      const covered = new Set(newest.map(({ video }) => video));
      expect(new Set(interests.map(({ video }) => video))).toEqual(covered);
    }),
  );
});

test("views of a video weigh together what they weigh one by one, and each what it added", () => {
  const times = fc.array(fc.integer({ min: 0, max: 40 * HALF_LIFE_MS }), { minLength: 1 });
  fc.assert(
    fc.property(times, (views) => {
      const histories = new Histories();
      const newest = Math.max(...views);
      let added = 0;
      for (const time of views) {
        const change = histories.record(7, { video: 7, kind: Kind.COUNTED_VIEW, value: 0, time });
        added += change.weight * decay(newest - change.time);
      }
      const weight = views.reduce((sum, time) => sum + decay(newest - time), 0);
      const [{ time, value } = { time: 0, value: 0 }] = histories.erase(7);
      expect(time).toBe(newest);
      expect(value / weight).toBeCloseTo(1, 2);
      // What is taken back is exactly what was added.
      expect(value / added).toBeCloseTo(1, 9);
    }),
  );
});

test("a view is known by the largest share that was watched, also of what comes later", () => {
  const histories = new Histories();
  const view = { video: 1, kind: Kind.COUNTED_VIEW, value: 0, time: 5 };
  histories.record(VIEWER, view);
  const share = (): number | undefined => rowsOf(histories.of(VIEWER))[0]?.share;
  expect(share()).toBe(-1);
  for (const [further, expected] of [
    [0.5, 0.5],
    [-1, 0.5],
    [0.2, 0.5],
    [0.75, 0.75],
  ] as const) {
    histories.extend(VIEWER, 1, further);
    expect(share()).toBe(expected);
  }
  histories.extend(VIEWER, 2, 1);
  histories.extend(VIEWER + 1, 1, 1);
  expect(histories.of(VIEWER)?.size).toBe(1);
  expect(histories.of(VIEWER + 1)).toBeUndefined();
});

test("views from before a time are forgotten, and what is recorded later finds its place", () => {
  const before = fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 2 ** 42 }));
  fc.assert(
    fc.property(many, before, many, (earlier, time, later) => {
      const histories = new Histories();
      for (const one of earlier) histories.record(1, one);
      // Whom it is not about has the same.
      for (const one of earlier) histories.record(2, one);
      for (const _ of histories.dropViews(time));
      const rebuilt = new Histories();
      const isOld = (one: Interaction): boolean =>
        one.kind === Kind.COUNTED_VIEW && one.time < time;
      for (const one of earlier) if (!isOld(one)) rebuilt.record(1, one);
      for (const one of later) {
        expect(histories.record(1, one).replaced).toBe(rebuilt.record(1, one).replaced);
      }
      const byKey = (a: Interaction, b: Interaction): number =>
        a.video - b.video || a.kind - b.kind;
      // A share may be one of a view that is gone.
      const sorted = (some: Histories): Interaction[] =>
        rowsOf(some.of(1))
          .map((row) => ({ ...row, share: -1 }))
          .toSorted(byKey);
      expect(sorted(histories)).toEqual(sorted(rebuilt));
    }),
  );
});
