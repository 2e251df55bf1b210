import { expect, test } from "vitest";
import {
  isClearlyWorse,
  meanQuality,
  ndcgAt,
  qualityOf,
  recallAt,
  type Quality,
} from "../../../src/recommendations/model/metrics.ts";

test("should count as recall what is hidden among the first, where at most k can be", () => {
  expect(recallAt(2, [1, 2, 3], new Set([2, 3]))).toBe(0.5);
  expect(recallAt(2, [1, 2, 3], new Set([1, 2, 3, 4]))).toBe(1);
  expect(recallAt(20, [], new Set([1]))).toBe(0);
});

test("should discount by the logarithm of the place, and give a perfect ranking 1", () => {
  expect(ndcgAt(100, [5, 6], new Set([5, 6]))).toBe(1);
  expect(ndcgAt(100, [9, 5], new Set([5]))).toBeCloseTo(1 / Math.log2(3));
  expect(ndcgAt(1, [9, 5], new Set([5]))).toBe(0);
});

test("should take the mean of each figure", () => {
  const [all, none] = [qualityOf([1], new Set([1])), qualityOf([2], new Set([1]))];
  expect(meanQuality([all, none])).toEqual({ recallAt20: 0.5, ndcgAt10: 0.5, ndcgAt100: 0.5 });
  expect(() => meanQuality([])).toThrow(RangeError);
});

/** Qualities that differ from viewer to viewer, around a mean. */
function qualities(count: number, mean: number): Quality[] {
  return Array.from({ length: count }, (_, viewer) => {
    const ndcgAt100 = mean * (1 + 0.1 * Math.sin(viewer * viewer));
    return { recallAt20: 0, ndcgAt10: 0, ndcgAt100 };
  });
}

test("should find a model clearly worse that loses much with nearly everybody", () => {
  expect(isClearlyWorse(qualities(50, 0.2), qualities(50, 0.3))).toBe(true);
});

test("should find no model clearly worse that loses little, gains, or was judged by few", () => {
  expect(isClearlyWorse(qualities(50, 0.297), qualities(50, 0.3))).toBe(false);
  expect(isClearlyWorse(qualities(50, 0.4), qualities(50, 0.3))).toBe(false);
  expect(isClearlyWorse(qualities(29, 0.2), qualities(29, 0.3))).toBe(false);
  expect(isClearlyWorse([], [])).toBe(false);
});

test("should find no model clearly worse whose loss may be chance", () => {
  const before = qualities(40, 0.3);
  const after = before.map((quality, viewer) => ({
    ...quality,
    ndcgAt100: quality.ndcgAt100 + (viewer % 2 === 0 ? 0.2 : -0.25),
  }));
  expect(isClearlyWorse(after, before)).toBe(false);
});
