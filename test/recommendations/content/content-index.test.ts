import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ContentIndex } from "../../../src/recommendations/content/content-index.ts";
import type { Content } from "../../../src/recommendations/content/features.ts";
import { Profile } from "../../../src/recommendations/content/profile.ts";

const word = fc.constantFrom("love", "war", "sea", "night", "king", "garden", "stone");
const content: fc.Arbitrary<Content> = fc.record({
  title: fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" ")),
  creators: fc.uniqueArray(fc.constantFrom("Ann", "Bob", "Cid"), { maxLength: 2 }),
  categories: fc.uniqueArray(fc.constantFrom("romance", "horror", "drama"), { maxLength: 2 }),
  description: fc.array(word, { maxLength: 6 }).map((words) => words.join(" ")),
});
const item = fc.nat({ max: 12 });
const change = fc.record({ item, content: fc.option(content) });

/** The similarity of two items, by their definition. */
function cosine(index: ContentIndex, a: number, b: number): number {
  const weights = (one: number): Map<number, number> =>
    new Map(
      Array.from(index.featuresOf(one), (feature) => [
        feature,
        index.idf(feature) * index.scale(one, feature),
      ]),
    );
  const others = weights(b);
  let sum = 0;
  for (const [feature, weight] of weights(a)) sum += weight * (others.get(feature) ?? 0);
  return sum;
}

test("an index is what its items are, whatever became of them before", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60, size: "max" }), (changes) => {
      const index = new ContentIndex();
      const last = new Map<number, Content>();
      for (const one of changes) {
        if (one.content === null) {
          index.remove(one.item);
          last.delete(one.item);
        } else {
          index.upsert(one.item, one.content);
          last.set(one.item, one.content);
        }
      }
      expect(index.size).toBe(last.size);
      const fresh = new ContentIndex();
      // Twice, so that all are weighed with all there.
      for (let round = 0; round < 2; round++) {
        for (const [one, its] of last) {
          index.upsert(one, its);
          fresh.upsert(one, its);
        }
      }
      for (let a = 0; a <= 12; a++) {
        expect(index.has(a)).toBe(last.has(a));
        expect(cosine(index, a, a)).toBeCloseTo(last.has(a) ? 1 : 0, 5);
        for (let b = 0; b < a; b++) {
          expect(cosine(index, a, b)).toBeCloseTo(cosine(fresh, a, b), 5);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("what no item has is forgotten, and its room taken again", () => {
  const index = new ContentIndex();
  for (let round = 0; round < 30; round++) {
    for (let k = 0; k < 40; k++) {
      index.upsert(k, {
        title: `word${round} word${k}x${round}`,
        creators: [],
        categories: [],
        description: "",
      });
    }
    for (let k = 0; k < 40; k++) index.remove(k);
  }
  expect(index.size).toBe(0);
  expect(index.featureCapacity).toBeLessThanOrEqual(41);
});

test("the best of a profile are those of the highest sums of cosines, in any budget", () => {
  fc.assert(
    fc.property(
      fc.array(content, { minLength: 2, maxLength: 30 }),
      fc.array(fc.record({ at: fc.nat(), weight: fc.double({ min: -1, max: 2, noNaN: true }) }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.integer({ min: 1, max: 10 }),
      fc.constantFrom(1_000_000, 40, 5),
      (contents, likes, limit, budget) => {
        const index = new ContentIndex();
        for (const [k, its] of contents.entries()) index.upsert(k, its);
        const profile = new Profile(index);
        // What an earlier call left must not matter.
        profile.begin();
        profile.add(0, 5);
        profile.best({ limit: 3, accepts: () => true }, () => {});
        profile.begin();
        const sums = contents.map((_, k) => {
          let sum = 0;
          for (const { at, weight } of likes)
            sum += weight * cosine(index, at % contents.length, k);
          return sum;
        });
        for (const { at, weight } of likes) profile.add(at % contents.length, weight);
        const found: [number, number][] = [];
        const accepts = (k: number): boolean => k % 5 !== 0;
        profile.best({ limit, budget, accepts }, (k, score) => found.push([k, score]));
        for (const [place, [k, score]] of found.entries()) {
          expect(accepts(k)).toBe(true);
          expect(score).toBeCloseTo(sums[k] as number, 4);
          expect(score).toBeLessThanOrEqual(found[place - 1]?.[1] ?? Infinity);
        }
        if (budget < 1_000_000) return;
        const best = sums.filter((sum, k) => sum > 1e-4 && accepts(k)).toSorted((a, b) => b - a);
        for (const [place, sum] of best.slice(0, limit).entries()) {
          expect(found[place]?.[1]).toBeCloseTo(sum, 4);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("a word of very many items says nothing", () => {
  const index = new ContentIndex();
  for (let k = 0; k < 100; k++) {
    index.upsert(k, { title: `the ${k % 20}0`, creators: [], categories: [], description: "" });
  }
  const profile = new Profile(index);
  profile.begin();
  profile.add(0, 1);
  const found: number[] = [];
  profile.best({ limit: 100, accepts: () => true }, (k) => found.push(k));
  expect(found.toSorted((a, b) => a - b)).toEqual([0, 20, 40, 60, 80]);
});
