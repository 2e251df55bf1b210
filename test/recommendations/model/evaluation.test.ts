import { expect, test } from "vitest";
import { heldOutOf, judgeOn } from "../../../src/recommendations/model/evaluation.ts";
import { genres, interactionsOf, modelOf } from "./interactions.ts";

test("should rank far better than chance for viewers it did not learn from", async () => {
  const interactions = genres(1_000);
  const heldOut = heldOutOf(judgeOn(await modelOf(interactions), interactions, 1));
  expect(heldOut?.users).toBeGreaterThan(20);
  // By chance, 20 of 150 videos have less than a seventh of the hidden ones.
  expect(heldOut?.recallAt20).toBeGreaterThan(0.4);
  expect(heldOut?.ndcgAt100).toBeGreaterThan(0.3);
});

test("should judge all models on the same viewers", async () => {
  const interactions = genres(400);
  const perfect = {
    score: (_: unknown, visit: (video: number, score: number) => number) => {
      for (const video of interactions.videos) visit(video, 1);
    },
  };
  const model = await modelOf(interactions);
  expect(judgeOn(model, interactions, 1)).toEqual(judgeOn(model, interactions, 1));
  expect(judgeOn(model, interactions, 1)).toHaveLength(judgeOn(perfect, interactions, 1).length);
});

test("should judge on nobody where there are too few viewers", async () => {
  for (const interactions of [genres(30), interactionsOf([])]) {
    expect(heldOutOf(judgeOn(await modelOf(interactions), interactions, 1))).toBeUndefined();
  }
});
