import { expect, test } from "vitest";
import {
  compareModels,
  heldOutOf,
  judgeOn,
} from "../../../src/recommendations/model/evaluation.ts";
import { groupUsers, hashOf } from "../../../src/recommendations/model/held-out.ts";
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

test("should compare two models on those that neither was learned from", async () => {
  const interactions = genres(2_000);
  const { matrix, users } = interactions;
  const model = await modelOf(interactions);
  const qualities = judgeOn(model, interactions, 1);
  const { judges, judgesTo } = groupUsers(matrix, users, 1);
  const before = (bound: number) => ({
    info: { ...model.info, judgesTo: bound },
    score: model.score.bind(model),
  });
  const same = compareModels(qualities, before(judgesTo), interactions, 1);
  expect(same?.learned).toEqual(heldOutOf(qualities));
  expect(same).toMatchObject({ isWorse: false, inPlace: same?.learned });
  const half = hashOf(users[judges[judges.length >> 1] as number] as number, 1);
  const fewer = compareModels(qualities, before(half), interactions, 1);
  expect(fewer?.learned.users).toBe((judges.length >> 1) + 1);
  expect(fewer?.inPlace).toEqual(fewer?.learned);
  expect(compareModels(qualities, before(-1), interactions, 1)).toBeUndefined();
});
