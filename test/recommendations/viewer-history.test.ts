import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { combinedStrength, Kind, strengthOf } from "../../src/recommendations/signals.ts";
import { ViewerHistory } from "../../src/recommendations/viewer-history.ts";

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

interface Interaction {
  readonly video: number;
  readonly kind: number;
  readonly value: number;
  readonly time: number;
}

const interaction: fc.Arbitrary<Interaction> = fc.record({
  video: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 300 })),
  kind: fc.integer({ min: 0, max: 6 }),
  value: fc.integer({ min: 1, max: 5 }),
  time: fc.integer({ min: 0, max: 1_000 }),
});

test("for each video and kind the latest stands, however many there are", () => {
  fc.assert(
    fc.property(fc.array(interaction, { maxLength: 400, size: "max" }), (interactions) => {
      const history = new ViewerHistory();
      const expected = new Map<string, Interaction>();
      for (const one of interactions) {
        const key = `${one.video}/${one.kind}`;
        const before = expected.get(key);
        const replaced = history.record(one.video, one.kind, one.value, one.time);
        const wasPositive = before !== undefined && strengthOf(before.kind, before.value) > 0;
        const takenBack = wasPositive && one.kind !== Kind.COUNTED_VIEW;
        expect(replaced).toBe(takenBack ? before.time : Number.NaN);
        const newest = Math.max(before?.time ?? 0, one.time);
        expected.set(key, one.kind === Kind.COUNTED_VIEW ? { ...one, time: newest } : one);
      }
      const found: object[] = [];
      history.forEach((video, kind, value, time) => found.push({ video, kind, value, time }));
      expect(found).toEqual([...expected.values()]);
      expect(history.size).toBe(expected.size);
    }),
  );
});

test("the interests are one for each video of the newest interactions", () => {
  fc.assert(
    fc.property(fc.array(interaction), fc.integer({ min: 1, max: 40 }), (interactions, limit) => {
      const history = new ViewerHistory();
      for (const { video, kind, value, time } of interactions) {
        history.record(video, kind, value, time);
      }
      const rows: Interaction[] = [];
      history.forEach((video, kind, value, time) => rows.push({ video, kind, value, time }));
      const newest = rows.toSorted((a, b) => b.time - a.time).slice(0, limit);
      const interests = history.interests(limit);
      expect(new Set(interests.map(({ video }) => video)).size).toBe(interests.length);
      for (const { video, strength, time } of interests) {
        const own = newest.filter((row) => row.video === video);
        expect(time).toBe(Math.max(...own.map((row) => row.time)));
        const strengths = own.map((row) => strengthOf(row.kind, row.value));
        expect(strength).toBe(strengths.reduce(combinedStrength));
      }
      const covered = new Set(newest.map(({ video }) => video));
      expect(new Set(interests.map(({ video }) => video))).toEqual(covered);
    }),
  );
});
