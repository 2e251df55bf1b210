import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Mixtures } from "../../../src/recommendations/content/mixtures.ts";
import type { WeightedColumn } from "../../../src/recommendations/model/model.ts";
import { TopN } from "../../../src/recommendations/top-n.ts";
import { genres, modelOf } from "../model/interactions.ts";

const interactions = genres(600);
const model = await modelOf(interactions);
const ITEMS = 60;

const column = fc.nat(model.size - 1);
const others = fc.uniqueArray(column, { minLength: 1, maxLength: 20 }).map((columns) =>
  columns.map((one, k): WeightedColumn => ({
    column: one,
    weight: Math.fround(0.9 / columns.length / (1 + (k % 3))),
  })),
);
const item = fc.nat(ITEMS - 1);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ item, own: fc.option(column, { nil: -1 }), others }) },
  { weight: 2, arbitrary: fc.record({ gone: item }) },
  { weight: 1, arbitrary: fc.record({ atLeast: fc.integer({ min: 1, max: 8 }) }) },
);
const likes = fc.uniqueArray(
  fc.record({
    video: fc.constantFrom(...interactions.videos),
    weight: fc.constantFrom(-1, 0.6, 2),
  }),
  { minLength: 1, maxLength: 12, selector: (like) => like.video },
);

test("the best are those that a look at each would find, whatever has changed since they were turned around", () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 150, size: "max" }),
      likes,
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(0, 0.5, 1),
      (steps, all, count, known) => {
        const mixtures = new Mixtures();
        const plain = new Map<number, readonly WeightedColumn[]>();
        for (const one of steps) {
          if ("atLeast" in one) {
            mixtures.turnAround(one.atLeast);
          } else if ("gone" in one) {
            mixtures.remove(one.gone);
            plain.delete(one.gone);
          } else {
            mixtures.set(one.item, one.own, one.others);
            const own = one.own < 0 ? [] : [{ column: one.own, weight: 1 }];
            plain.set(one.item, [...own, ...one.others]);
          }
        }
        expect(mixtures.size).toBe(plain.size);
        model.score(all, () => Infinity);
        const expected = new TopN(count);
        for (const [index, mixture] of plain) {
          expect(mixtures.of(index)).toEqual(mixture);
          const worth = mixture.reduce(
            (sum, part) => sum + part.weight * model.scoreAt(part.column),
            0,
          );
          if (worth > 0 && index % 7 !== 0) expected.push(index, worth);
        }
        // What is wanted to begin with may be known already, or a part of it.
        const least = known === 0 ? -Infinity : known * expected.bar;
        const best = new TopN(count);
        mixtures.score(
          model,
          least,
          (index, score) => {
            best.push(index, score);
            return Math.max(least, best.bar);
          },
          (index) => index % 7 !== 0,
        );
        const wanted = expected.takeIds();
        found += wanted.length;
        expect(best.takeIds()).toEqual(wanted);
      },
    ),
    { numRuns: 300 },
  );
  expect(found).toBeGreaterThan(300);
});
