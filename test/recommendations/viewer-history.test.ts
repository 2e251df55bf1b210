import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { combinedStrength, Kind, strengthOf } from "../../src/recommendations/signals.ts";
import { HALF_LIFE_MS } from "../../src/recommendations/trending.ts";
import { Histories, ViewerHistory } from "../../src/recommendations/viewer-history.ts";

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

/** All that is in a history, but for what views weigh. */
function rowsOf(history: ViewerHistory): Interaction[] {
  const rows: Interaction[] = [];
  history.forEach((video, kind, value, time) => rows.push({ video, kind, value, time }));
  return rows.map(withoutWeight);
}

function withoutWeight(row: Interaction): Interaction {
  return row.kind === Kind.COUNTED_VIEW ? { ...row, value: 0 } : row;
}

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
      expect(rowsOf(history)).toEqual([...expected.values()].map(withoutWeight));
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

const views = fc.array(fc.integer({ min: 0, max: 40 * HALF_LIFE_MS }), { minLength: 1 });

test("views of a video weigh together what they weigh one by one", () => {
  fc.assert(
    fc.property(views, (times) => {
      const history = new ViewerHistory();
      for (const time of times) history.record(7, Kind.COUNTED_VIEW, 0, time);
      const newest = Math.max(...times);
      const weight = times.reduce((sum, time) => sum + 2 ** ((time - newest) / HALF_LIFE_MS), 0);
      history.forEach((_video, _kind, value, time) => {
        expect(time).toBe(newest);
        expect(value).toBeCloseTo(weight, 9);
      });
    }),
  );
});

test("views from before a time are forgotten, and what is recorded later finds its place", () => {
  const before = fc.integer({ min: 0, max: 1_000 });
  const some = fc.array(interaction, { maxLength: 400, size: "max" });
  fc.assert(
    fc.property(some, before, some, (earlier, time, later) => {
      const histories = new Histories();
      const record = (history: Histories, one: Interaction): number =>
        history.record(1, one.video, one.kind, one.value, one.time);
      for (const one of earlier) record(histories, one);
      for (const _ of histories.dropViews(time));
      const rebuilt = new Histories();
      const isOld = (one: Interaction): boolean =>
        one.kind === Kind.COUNTED_VIEW && one.time < time;
      for (const one of earlier) if (!isOld(one)) record(rebuilt, one);
      for (const one of later) expect(record(histories, one)).toBe(record(rebuilt, one));
      const byKey = (a: Interaction, b: Interaction): number =>
        a.video - b.video || a.kind - b.kind;
      const rows = [histories, rebuilt].map((each) => {
        const history = each.of(1);
        return history === undefined ? [] : rowsOf(history).toSorted(byKey);
      });
      expect(rows[0]).toEqual(rows[1]);
    }),
  );
});
