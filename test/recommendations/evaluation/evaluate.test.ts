import { expect, it } from "vitest";
import { divideByTime, divideByViewer } from "../../../src/recommendations/evaluation/divide.ts";
import { evaluate, type Evaluated } from "../../../src/recommendations/evaluation/evaluate.ts";
import { genreViews, historiesOf } from "./histories.ts";

const views = genreViews(600);

/** The figure of a method, with where its difference to the model's may be. */
function ndcg(evaluated: Evaluated | undefined, method: string) {
  const found = evaluated?.methods.find(({ name }) => name === method);
  const metric = found?.metrics.find(({ name, k }) => name === "ndcg" && k === 100);
  if (metric === undefined) throw new Error(`there is no ${method}`);
  return metric;
}

it("should find a model of what is to be learned clearly better than popularity", async () => {
  const divided = divideByViewer(historiesOf(views), { seed: 1, maxViewers: 1_000 });
  const progress: number[] = [];
  const evaluated = await evaluate(divided, {
    seed: 1,
    onLearning: (done) => progress.push(done),
    onRanking: (done) => progress.push(done),
  });
  expect(evaluated).toMatchObject({ viewers: 60, users: 540, hiddenUnknown: 0 });
  expect(evaluated?.methods.map(({ name }) => name)).toEqual(["model", "popularity", "cosine"]);
  expect(ndcg(evaluated, "popularity").difference?.high).toBeLessThan(0);
  expect(ndcg(evaluated, "model").value).toBeGreaterThan(ndcg(evaluated, "popularity").value);
  expect(ndcg(evaluated, "cosine").difference?.high).toBeLessThan(0.1);
  expect(progress.every((done) => done >= 0 && done <= 1)).toBe(true);
  expect(progress.at(-1)).toBe(1);
  expect(await evaluate(divided, { seed: 1 })).toEqual(evaluated);
});

it("should count what nobody had before the time as not found", async () => {
  const time = 86_400_000 * 20_008;
  const late = views.filter((one) => one.time >= time);
  // A video that is new.
  late.push({ ...(late[0] ?? views[0]), video: 999 } as (typeof views)[number]);
  const before = historiesOf(views.filter((one) => one.time < time));
  const divided = divideByTime(before, historiesOf(late), { seed: 1, maxViewers: 300 });
  const evaluated = await evaluate(divided, { seed: 1 });
  expect(evaluated?.viewers).toBe(300);
  expect(ndcg(evaluated, "popularity").difference?.high).toBeLessThan(0);
  const all = divideByTime(before, historiesOf(late), { seed: 1, maxViewers: 1_000 });
  expect((await evaluate(all, { seed: 1 }))?.hiddenUnknown).toBe(1);
});

it("should say nothing of too few viewers", async () => {
  const divided = divideByViewer(historiesOf(genreViews(80)), { seed: 1, maxViewers: 1_000 });
  expect(divided.cases).toHaveLength(8);
  expect(await evaluate(divided, { seed: 1 })).toBeUndefined();
});
