import { expect, test } from "vitest";
import { learn, type Learned } from "../../../../src/recommendations/model/learning/learn.ts";
import { heldOutOf, judgeOn } from "../../../../src/recommendations/model/evaluation.ts";
import { groupUsers } from "../../../../src/recommendations/model/held-out.ts";
import type { Interactions } from "../../../../src/recommendations/model/matrix.ts";
import { genres, interactionsOf, modelFrom, modelOf, scoresOf } from "../interactions.ts";

const numbers = (count: number): number[] => [...Array(count).keys()];

test("should learn the same bits with any number of threads", async () => {
  const interactions = genres(600);
  const [one, two, three] = await Promise.all(
    [1, 2, 3].map((threads) => learn(interactions, { seed: 3, threads })),
  );
  expect(one?.dimensions).toBeGreaterThan(0);
  expect(two).toEqual(one);
  expect(three).toEqual(one);
});

test("should learn nothing from those it is judged on", async () => {
  const interactions = genres(400);
  const { matrix, users } = interactions;
  const { judges } = groupUsers(matrix, users, 1);
  expect(judges.length).toBeGreaterThan(0);
  const others: Interactions = {
    ...interactions,
    // The same judges, who like something else now.
    matrix: {
      ...matrix,
      columns: matrix.columns.map((column, at) =>
        judges.some(
          (row) =>
            at >= (matrix.offsets[row] as number) && at < (matrix.offsets[row + 1] as number),
        )
          ? (column + 75) % matrix.items
          : column,
      ),
    },
  };
  const [one, other] = await Promise.all(
    [interactions, others].map((each) => learn(each, { seed: 1, threads: 1 })),
  );
  expect(other?.weights).toEqual(one?.weights);
  expect(other?.factors).toEqual(one?.factors);
});

test("should tell how far it is, up to the end", async () => {
  const told: number[][] = [[], []];
  await learn(genres(400), {
    seed: 1,
    threads: 1,
    onSearch: (done) => told[0]?.push(done),
    onProgress: (done) => told[1]?.push(done),
  });
  for (const steps of told) {
    expect(steps.length).toBeGreaterThan(1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
  }
  expect(told[0]?.at(-1)).toBe(1);
});

const small: readonly (readonly [string, Interactions])[] = [
  ["nothing", interactionsOf([])],
  ["one like", interactionsOf([[7]])],
  ["one viewer", interactionsOf([numbers(60)])],
  ["one item", interactionsOf(numbers(200).map(() => [3]))],
  ["viewers who are all the same", interactionsOf(numbers(200).map(() => numbers(12)))],
  ["viewers who have nothing in common", interactionsOf(numbers(100).map((user) => [user]))],
  ["50 viewers", genres(50)],
  [
    "viewers of few items, most of them twice",
    interactionsOf(
      numbers(300).map((user) => numbers(45).filter((item) => (item + (user >> 1)) % 9 === 0)),
    ),
  ],
];

test.each(small)("should learn finite numbers from %s", async (_, interactions) => {
  const learned = await learn(interactions, { seed: 1, threads: 2 });
  for (const array of [learned.weights, learned.factors, learned.base]) {
    expect(array.every(Number.isFinite)).toBe(true);
  }
  expect(learned.scales.sparse + learned.scales.factors).toBeGreaterThan(0);
  const model = await modelOf(interactions);
  const likes = [...interactions.videos.slice(0, 3)].map((video) => ({ video, weight: 1 }));
  for (const score of scoresOf(model, likes).values()) expect(score).toBeGreaterThan(0);
});

test("should recommend the rest of what all the same viewers have to who has a part of it", async () => {
  const model = await modelOf(interactionsOf(numbers(200).map(() => numbers(12))));
  const scores = scoresOf(
    model,
    [0, 1, 2].map((video) => ({ video, weight: 1 })),
  );
  for (let video = 3; video < 12; video++) expect(scores.get(video)).toBeGreaterThan(0);
});

test("should not mind how strengths are scaled", async () => {
  const interactions = genres(300);
  const { matrix } = interactions;
  const doubled = { ...matrix, strengths: matrix.strengths.map((strength) => 2 * strength) };
  const [one, two] = await Promise.all(
    [matrix, doubled].map((each) =>
      learn({ ...interactions, matrix: each }, { seed: 1, threads: 1 }),
    ),
  );
  expect(two?.weights).toEqual(one?.weights);
  expect(two?.factors).toEqual(one?.factors);
});

test("should learn factors from a sample of the viewers where there are too many", async () => {
  const interactions = genres(600);
  const [all, some, few] = await Promise.all(
    [undefined, 20_000, 100].map((maxUserFactors) =>
      learn(interactions, {
        seed: 3,
        threads: 1,
        ...(maxUserFactors === undefined ? {} : { maxUserFactors }),
      }),
    ),
  );
  for (const learned of [some, few]) {
    expect(learned?.weights).toEqual(all?.weights);
    expect(learned?.factors).toHaveLength(all?.factors.length ?? 0);
    expect(learned?.factors).not.toEqual(all?.factors);
    expect(learned?.factors.every(Number.isFinite)).toBe(true);
  }
});

test("should choose as good settings by a sample of the items where there are many", async () => {
  const interactions = genres(4_000);
  const [all, same, some, too] = await Promise.all(
    [undefined, 150, 50, 1].map((maxTargets) =>
      learn(interactions, {
        seed: 3,
        threads: 1,
        ...(maxTargets === undefined ? {} : { maxTargets }),
      }),
    ),
  );
  expect(same).toEqual(all);
  const quality = (learned: Learned | undefined): number =>
    heldOutOf(judgeOn(modelFrom(interactions, learned as Learned), interactions, 3))?.ndcgAt100 ??
    Number.NaN;
  const best = quality(all);
  expect(best).toBeGreaterThan(0.3);
  for (const learned of [some, too]) {
    // All items are learned in the end.
    expect(new Set(learned?.targets).size).toBe(new Set(all?.targets).size);
    expect(quality(learned)).toBeGreaterThan(0.95 * best);
  }
});
