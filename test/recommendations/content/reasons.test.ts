import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { ContentRanking } from "../../../src/recommendations/content/content-ranking.ts";
import { Items } from "../../../src/recommendations/items.ts";
import type { BlendedModel } from "../../../src/recommendations/model/blended-model.ts";
import { TopN } from "../../../src/recommendations/top-n.ts";
import type { WeightedVideo } from "../../../src/recommendations/model/model.ts";
import { genres, interactionsOf, modelOf } from "../model/interactions.ts";

/** Videos are learned from; those from here on are new. */
const NEW = 1_000;
const interactions = genres(600);
const known = [...interactions.videos];
const fresh = Array.from({ length: 40 }, (_, k) => NEW + k);

/** Of five genres, as genres() has them, and with authors of ten books each. */
function contentOf(video: number): { id: string } & Parameters<ContentRanking["upsert"]>[1] {
  const genre = video < NEW ? Math.floor(video / 100) : video % 5;
  const author = video < NEW ? Math.floor(video / 10) : 10 * genre + (video % 3);
  return {
    id: `book ${video}`,
    title: `Tale ${video % 7}`,
    creators: [`Author ${author}`],
    categories: [`genre-${genre}`],
    description: "",
  };
}

let model: BlendedModel;
let content: ContentRanking;
const items = new Items();

beforeAll(async () => {
  model = await modelOf(interactions);
  content = new ContentRanking(items);
  for (const video of [...known, ...fresh]) {
    items.see(video, contentOf(video).id);
    content.upsert(items.upsert(contentOf(video)), contentOf(video));
  }
  content.newcomers.follow(model);
  await content.newcomers.settled();
});

const likes = fc.uniqueArray(
  fc.record({
    video: fc.constantFrom(...known, ...fresh),
    weight: fc.constantFrom(-1, 0.6, 1, 2),
  }),
  { minLength: 1, maxLength: 15, selector: (like) => like.video },
);

/** What new items are worth by the model, of those that are worth anything. */
function worths(all: readonly WeightedVideo[]): Map<number, number> {
  const found = new Map<number, number>();
  model.score(content.newcomers.standIns(all), () => Infinity);
  content.newcomers.score(-Infinity, (item, score) => {
    found.set(item, score);
    return -Infinity;
  });
  return found;
}

test("what the model does not know are newcomers, and what it knows well is none", () => {
  for (const video of fresh) {
    expect(content.newcomers.has(items.indexOfVideo(video))).toBe(true);
  }
  for (const video of known) {
    expect(content.newcomers.has(items.indexOfVideo(video))).toBe(model.support(video) < 20);
  }
});

test("a like that is named for a new item is one without which it would be worth less", () => {
  let named = 0;
  fc.assert(
    fc.property(likes, (all) => {
      const before = worths(all);
      const reasons = [...before.keys()].map(
        (item) =>
          [item, model.because([content.newcomers.mixtureOf(item)], [-1])[0] as number] as const,
      );
      for (const [item, like] of reasons.slice(0, 12)) {
        if (like < 0) continue;
        named++;
        const after = worths(all.toSpliced(like, 1)).get(item) ?? 0;
        expect(after).toBeLessThan((before.get(item) as number) + 1e-6);
      }
    }),
    { numRuns: 60 },
  );
  expect(named).toBeGreaterThan(100);
});

test("the best are found whoever is passed over", () => {
  /** How many were passed over without a bound to begin with, and with one. */
  const passed = [0, 0];
  fc.assert(
    fc.property(likes, fc.integer({ min: 1, max: 12 }), (all, count) => {
      const every = new TopN(count);
      const worthsOfAll = worths(all);
      for (const [item, score] of worthsOfAll) if (score > 0) every.push(item, score);
      const { bar } = every;
      const wanted = every.takeIds();
      // Whether or not it is known before how much is wanted.
      for (const [index, least] of [-Infinity, bar].entries()) {
        const best = new TopN(count);
        let seen = 0;
        content.newcomers.score(least, (item, score) => {
          seen++;
          best.push(item, score);
          return Math.max(least, best.bar);
        });
        expect(best.takeIds()).toEqual(wanted);
        passed[index] = (passed[index] as number) + worthsOfAll.size - seen;
      }
    }),
    { numRuns: 200 },
  );
  expect(passed[0]).toBeGreaterThan(200);
  expect(passed[1]).toBeGreaterThan(passed[0] as number);
});

test("neighbours stay the same videos when another model has them by other columns", async () => {
  // Of viewers who know nothing of the first videos of each genre.
  const other = await modelOf(
    interactionsOf(
      Array.from({ length: 300 }, (_, user) =>
        Array.from({ length: 8 }, (_unused, k) => 100 * (user % 5) + ((user + k * 7) % 60) + 20),
      ),
    ),
  );
  const own = new ContentRanking(items);
  for (const video of [...known, ...fresh]) {
    own.upsert(items.indexOfVideo(video), contentOf(video));
  }
  own.newcomers.follow(model);
  await own.newcomers.settled();
  const neighbours = (of: BlendedModel): number[][] =>
    fresh.map((video) =>
      own.newcomers
        .mixtureOf(items.indexOfVideo(video))
        .map(({ column }) => of.videoOf(column))
        .toSorted((a, b) => a - b),
    );
  const before = neighbours(model);
  // It has not looked at any of them yet.
  own.newcomers.follow(other);
  const after = neighbours(other);
  expect(after).toEqual(before.map((all) => all.filter((video) => other.columnOf(video) >= 0)));
  expect(after.flat().length).toBeGreaterThan(100);
  expect(after.flat().length).toBeLessThan(before.flat().length);
  own.newcomers.close();
});

test("what somebody else liked before leaves nothing in the worths of a stranger", () => {
  expect(Math.max(...worths([{ video: known[0] as number, weight: 1 }]).values())).toBeGreaterThan(
    0,
  );
  expect(worths([]).size).toBe(0);
});

test("a like that is named for what its content recommends is one without which it would score less", () => {
  const search = { limit: 20, accepts: () => true, popularity: (item: number) => (item % 7) / 7 };
  fc.assert(
    fc.property(likes, (all) => {
      const scores = (some: readonly WeightedVideo[]): Map<number, number> => {
        const found = new Map<number, number>();
        content.recommend(some, { ...search, limit: 1_000 }, (item, score) =>
          found.set(item, score),
        );
        return found;
      };
      const before = scores(all);
      content.recommend(all, search, (item, score) => {
        expect(score).toBe(before.get(item));
      });
      for (const [item, score] of [...before].slice(0, 20)) {
        const like = content.because(item, all);
        if (like < 0) continue;
        expect(scores(all.toSpliced(like, 1)).get(item) ?? 0).toBeLessThan(score);
      }
    }),
    { numRuns: 60 },
  );
});
