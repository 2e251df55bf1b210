import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diversified, poolSize, Similarity } from "../../src/recommendations/diversity.ts";
import { Items } from "../../src/recommendations/items.ts";

const names = (prefix: string) =>
  fc.uniqueArray(fc.constantFrom("a", "b", "c", "d").map((letter) => prefix + letter));
const items = fc
  .array(fc.record({ categories: names("category "), creators: names("creator ") }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((all) => {
    const known = new Items();
    for (const [index, one] of all.entries()) known.upsert({ id: `${index}`, title: "t", ...one });
    return known;
  });
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Candidates whose scores descend. */
function candidatesOf(known: Items): { index: number; score: number }[] {
  return Array.from({ length: known.size }, (_, index) => ({ index, score: 1 / (index + 1) }));
}

/** How alike two items are, as the comment of the class has it. */
function alike(known: Items, a: number, b: number): number {
  const [mine, others] = [known.categoriesOf(a), known.categoriesOf(b)];
  const common = mine.filter((one) => others.includes(one)).length;
  const cosine = common === 0 ? 0 : common / Math.sqrt(mine.length * others.length);
  const shared = known.creatorsOf(a).some((one) => known.creatorsOf(b).includes(one));
  return (cosine + (shared ? 1 : 0)) / 2;
}

test("the next is always the one with the largest marginal relevance", () => {
  fc.assert(
    fc.property(items, share, (known, diversity) => {
      const candidates = candidatesOf(known);
      const order = diversified(
        candidates,
        { limit: known.size, diversity },
        new Similarity(known, undefined),
      );
      expect(order.toSorted((a, b) => a.index - b.index)).toEqual(candidates);
      for (const [place, chosen] of order.entries()) {
        const value = (one: { index: number; score: number }): number => {
          const before = order.slice(0, place).map(({ index }) => alike(known, one.index, index));
          return (1 - diversity) * one.score - diversity * Math.max(0, ...before);
        };
        const best = Math.max(...order.slice(place).map(value));
        expect(value(chosen)).toBeCloseTo(best, 12);
      }
    }),
  );
});

test("without diversity the order is that of the scores", () => {
  fc.assert(
    fc.property(items, (known) => {
      const candidates = candidatesOf(known);
      const order = diversified(
        candidates,
        { limit: 10, diversity: 0 },
        new Similarity(known, undefined),
      );
      expect(order).toEqual(candidates);
    }),
  );
});

test("those after the places that were asked for, and after the first 200, go by score", () => {
  const known = new Items();
  for (let index = 0; index < 300; index++) {
    known.upsert({ id: `${index}`, title: "t", categories: [`c${index % 3}`], creators: [] });
  }
  for (const [limit, places] of [
    [300, 200],
    [10, 10],
  ] as const) {
    const shape = { limit, diversity: 0.9 };
    const order = diversified(candidatesOf(known), shape, new Similarity(known, undefined));
    expect(new Set(order).size).toBe(300);
    const rest = order.slice(places).map(({ index }) => index);
    expect(rest).toEqual(rest.toSorted((a, b) => a - b));
  }
});

test("there are more candidates than places, and not many more", () => {
  for (let limit = 1; limit <= 1_000; limit++) {
    const size = poolSize(limit);
    expect(size).toBeGreaterThan(limit);
    expect(size).toBeLessThanOrEqual(limit + 500);
  }
});
