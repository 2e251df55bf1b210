import { expect, test } from "vitest";
import { evaluate, ndcgAt, recallAt } from "../../../src/recommendations/model/evaluation.ts";
import { MatrixBuilder } from "../../../src/recommendations/model/matrix.ts";

test("recall is the share of the hidden items among the first, where at most k can be", () => {
  expect(recallAt(2, [1, 2, 3], new Set([2, 3]))).toBe(0.5);
  expect(recallAt(2, [1, 2, 3], new Set([1, 2, 3, 4]))).toBe(1);
  expect(recallAt(20, [], new Set([1]))).toBe(0);
});

test("NDCG discounts by the logarithm of the place, and is 1 for a perfect ranking", () => {
  expect(ndcgAt(100, [5, 6], new Set([5, 6]))).toBe(1);
  expect(ndcgAt(100, [9, 5], new Set([5]))).toBeCloseTo(1 / Math.log2(3));
  expect(ndcgAt(1, [9, 5], new Set([5]))).toBe(0);
});

/** Each user likes 8 of the 20 videos of one of five genres, which one depends on the user. */
function genres(users: number) {
  const builder = new MatrixBuilder();
  for (let user = 0; user < users; user++) {
    for (let k = 0; k < 8; k++) builder.add(100 * (user % 5) + ((user * 7 + k * 3) % 20) + 1, 1);
    builder.endUser();
  }
  return builder.build();
}

test("held-out users are ranked far better than chance where there is something to learn", () => {
  const heldOut = evaluate(genres(400), 1);
  expect(heldOut?.users).toBe(20);
  // By chance, 20 of 100 videos have a fifth of the hidden ones.
  expect(heldOut?.recallAt20).toBeGreaterThan(0.9);
  expect(heldOut?.ndcgAt100).toBeGreaterThan(0.4);
  expect(heldOut?.ndcgAt100).toBeLessThanOrEqual(1);
});

test("the same seed judges the same way", () => {
  expect(evaluate(genres(100), 7)).toEqual(evaluate(genres(100), 7));
});

test("nobody is held out of a few users", () => {
  expect(evaluate(genres(19), 1)).toBeUndefined();
  expect(evaluate(new MatrixBuilder().build(), 1)).toBeUndefined();
});
