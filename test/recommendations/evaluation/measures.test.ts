import { describe, expect, it } from "vitest";
import { resampledMeans } from "../../../src/recommendations/evaluation/bootstrap.ts";
import { Measured, metricsOf } from "../../../src/recommendations/evaluation/measures.ts";
import { Popularity } from "../../../src/recommendations/evaluation/methods.ts";
import { TimeSample } from "../../../src/recommendations/evaluation/time-sample.ts";
import { randomFrom } from "../../../src/random.ts";
import { interactionsOf } from "../model/interactions.ts";

/** Of four users all have 1, half have 2, one has 3 and one has 4. */
const interactions = interactionsOf([[1, 2, 3], [1, 2], [1, 4], [1]]);
const popularity = new Popularity(interactions);

const caseOf = (known: number[], hidden: number[]) => ({
  likes: [],
  known: Uint32Array.from(known),
  hidden: Uint32Array.from(hidden),
});

describe("the figures", () => {
  it("should be those that are computed by hand", () => {
    const model = new Measured(popularity, 2);
    model.add([2, 3], caseOf([1], [3]));
    model.add([4, 1], caseOf([2], [1, 9]));
    const [metrics = []] = metricsOf([model], { items: 4, seed: 1 });
    const figures = Object.fromEntries(
      metrics.map(({ name, k, value }) => [`${name}@${k}`, value]),
    );
    const second = 1 / Math.log2(3);
    const ndcg = (second + second / (1 + second)) / 2;
    expect(figures["recall@20"]).toBeCloseTo(0.75, 12);
    expect(figures["ndcg@10"]).toBeCloseTo(ndcg, 12);
    expect(figures["ndcg@100"]).toBeCloseTo(ndcg, 12);
    expect(figures["mrr@100"]).toBeCloseTo(0.5, 12);
    expect(figures["coverage@20"]).toBe(1);
    // 1 and 2 bits, then 2 and 0.
    expect(figures["novelty@20"]).toBeCloseTo((1.5 + 1) / 2, 12);
    // Shares of 0.5 and 0.25, then 0.25 and 1, next to 1 and 0.5.
    expect(figures["popularity_lift@20"]).toBeCloseTo((0.375 + 0.625) / 1.5 - 1, 12);
  });

  it("should tell where each may be, and how far others are from the first", () => {
    const random = randomFrom(3);
    const good = new Measured(popularity, 200);
    const bad = new Measured(popularity, 200);
    for (let viewer = 0; viewer < 200; viewer++) {
      const one = caseOf([4], [3]);
      good.add(random() < 0.8 ? [3] : [2], one);
      bad.add(random() < 0.2 ? [3] : [2], one);
    }
    const [first = [], second = []] = metricsOf([good, bad], { items: 4, seed: 1 });
    expect(metricsOf([good, bad], { items: 4, seed: 1 })).toEqual([first, second]);
    expect(first[0]?.difference).toBeUndefined();
    const { value = 0, interval } = first[0] ?? {};
    // About two standard errors to either side.
    const error = Math.sqrt((value * (1 - value)) / 200);
    expect((interval?.low ?? 0) - (value - 1.96 * error)).toBeCloseTo(0, 1);
    expect((interval?.high ?? 0) - (value + 1.96 * error)).toBeCloseTo(0, 1);
    expect(second[0]?.difference?.high).toBeLessThan(-0.4);
    expect(second.find(({ name }) => name === "coverage")?.interval).toBeUndefined();
  });

  it("should have intervals that the truth is in, 95 times of 100", () => {
    const random = randomFrom(11);
    let within = 0;
    for (let round = 0; round < 200; round++) {
      const column = Float64Array.from({ length: 60 }, () => random() + random());
      const means: number[] = [];
      resampledMeans([column], round, ([mean = 0]) => means.push(mean));
      means.sort((a, b) => a - b);
      if ((means[25] as number) <= 1 && 1 <= (means[974] as number)) within++;
    }
    expect(within).toBeGreaterThan(175);
  });
});

describe("popularity", () => {
  it("should complete a ranking, without what is known", () => {
    expect(popularity.completed([4], new Set([2]))).toEqual([4, 1, 3]);
    expect(popularity.of(2)).toBe(0.5);
    expect(popularity.of(9)).toBe(0);
  });
});

describe("a sample of times", () => {
  it("should tell where their quantiles are, of few and of many", () => {
    const few = new TimeSample(1);
    expect(few.quantile(0.8)).toBeUndefined();
    for (let time = 0; time < 10; time++) few.add(time);
    expect(few.quantile(0.8)).toBe(8);
    const many = new TimeSample(1);
    for (let time = 0; time < 400_000; time++) many.add(time);
    expect((many.quantile(0.8) ?? 0) / 400_000).toBeCloseTo(0.8, 1);
  });
});
