import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, wilson } from "../../../src/recommendations/outcomes/proportions.ts";

describe("Wilson's interval", () => {
  // As R's prop.test(x, n, correct = FALSE) has them.
  it.each([
    [0, 10, 0, 0.277_533],
    [1, 10, 0.017_876, 0.404_15],
    [5, 10, 0.236_593, 0.763_407],
    [10, 10, 0.722_467, 1],
    [81, 263, 0.255_286, 0.366_165],
  ])("of %i in %i is from %d to %d", (hits, trials, low, high) => {
    const [found, other] = wilson({ hits, trials });
    expect(found).toBeCloseTo(low, 4);
    expect(other).toBeCloseTo(high, 4);
  });

  it("should have the proportion within it, and all of it from 0 to 1", () => {
    const some = fc.nat({ max: 100_000 });
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [hits, trials] = [Math.min(a, b), Math.max(a, b, 1)];
        const [low, high] = wilson({ hits, trials });
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(hits / trials);
        expect(high).toBeGreaterThanOrEqual(hits / trials);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("should be everything without trials", () => {
    expect(wilson({ hits: 0, trials: 0 })).toEqual([0, 1]);
  });
});

describe("the z-test", () => {
  it("should agree with what textbooks compute", () => {
    // p = 75 / 200, z = 0.15 / sqrt(0.375 * 0.625 * 0.02).
    const found = compare({ hits: 45, trials: 100 }, { hits: 30, trials: 100 }, 1);
    expect(found.difference).toBeCloseTo(0.15, 12);
    expect(found.z).toBeCloseTo(2.190_89, 5);
    expect(found.pValue).toBeCloseTo(0.028_460, 5);
    expect(found.isSignificant).toBe(true);
  });

  it("should ask for more the more variants are compared", () => {
    const [one, other] = [
      { hits: 45, trials: 100 },
      { hits: 30, trials: 100 },
    ] as const;
    expect(compare(one, other, 2).isSignificant).toBe(false);
  });

  it("should find nothing in what is the same, or too little", () => {
    const none = { hits: 0, trials: 100 };
    expect(compare(none, none, 1)).toEqual({
      difference: 0,
      z: 0,
      pValue: 1,
      isSignificant: false,
    });
    const few = compare({ hits: 4, trials: 4 }, { hits: 0, trials: 4 }, 1);
    expect(few.pValue).toBeLessThan(0.05);
    expect(few.isSignificant).toBe(false);
  });

  it("should find a difference by chance in about one of twenty comparisons", () => {
    let significant = 0;
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const draw = (): number => Array.from({ length: 400 }, random).filter((x) => x < 0.2).length;
    for (let round = 0; round < 1_000; round++) {
      const [one, other] = [
        { hits: draw(), trials: 400 },
        { hits: draw(), trials: 400 },
      ];
      if (compare(one, other, 1).isSignificant) significant++;
    }
    expect(significant).toBeGreaterThan(25);
    expect(significant).toBeLessThan(80);
  });
});
