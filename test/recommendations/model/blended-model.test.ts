import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { BlendedModel } from "../../../src/recommendations/model/blended-model.ts";
import { TopN } from "../../../src/recommendations/top-n.ts";
import { genres, interactionsOf, modelOf, scoresOf } from "./interactions.ts";

const interactions = genres(1_000);
const video = fc.constantFrom(...interactions.videos);
const weight = fc.constantFrom(0.6, 1, 2);
const likes = fc.uniqueArray(fc.record({ video, weight }), {
  minLength: 1,
  maxLength: 20,
  selector: (like) => like.video,
});

describe.each(["with factors", "without factors"])("%s", (kind) => {
  let model: BlendedModel;

  beforeAll(async () => {
    // Factors need more items than these have.
    model = await modelOf(kind === "with factors" ? interactions : few());
  });

  /** A video as a mixture of nothing else. */
  const mixtureOf = (one: number) => [{ column: model.columnOf(one), weight: 1 }];

  const known = (all: readonly { video: number; weight: number }[]) =>
    kind === "with factors" ? all : all.map((like) => ({ ...like, video: like.video % 30 }));
  const distinct = likes.map((all) => {
    const videos = new Set<number>();
    return known(all).filter((like) => !videos.has(like.video) && videos.add(like.video));
  });

  test("should score the same likes the same way, whatever was scored before", () => {
    fc.assert(
      fc.property(distinct, distinct, (one, other) => {
        const scores = scoresOf(model, one);
        scoresOf(model, other);
        expect(scoresOf(model, one)).toEqual(scores);
      }),
    );
  });

  test("should show a visitor who wants the best all of them, with the same scores", () => {
    fc.assert(
      fc.property(distinct, fc.integer({ min: 1, max: 20 }), (all, wanted) => {
        const expected = [...scoresOf(model, all)]
          .toSorted((a, b) => b[1] - a[1] || a[0] - b[0])
          .slice(0, wanted);
        const best = new TopN(wanted);
        model.score(all, (found, score) => {
          best.push(found, score);
          return best.bar;
        });
        const found: [number, number][] = [];
        best.drain((one, score) => found.push([one, score]));
        expect(found.toReversed()).toEqual(expected);
      }),
    );
  });

  test("should say by how much each score is lower without each like", () => {
    fc.assert(
      fc.property(distinct, fc.nat(), (all, pick) => {
        const scores = [...scoresOf(model, all)];
        const found = scores[pick % Math.max(1, scores.length)];
        if (found === undefined) return;
        const [target, score] = found;
        const contributions = model.contributions(mixtureOf(target));
        for (const [index] of all.entries()) {
          const rest = scoresOf(model, all.toSpliced(index, 1)).get(target) ?? 0;
          const lower = contributions[index] as number;
          // A score that would not be above 0 is not told: what is left may be less.
          const [most, least] = rest === 0 ? [Infinity, score] : [score - rest, score - rest];
          expect(lower).toBeGreaterThan(least - 1e-3 * (1 + score));
          expect(lower).toBeLessThan(most + 1e-3 * (1 + score));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("should name as the reason a like without which the score is lower", () => {
    fc.assert(
      fc.property(distinct, (all) => {
        const videos = new Set(all.map((like) => like.video));
        const best = [...scoresOf(model, all)]
          .filter(([found]) => !videos.has(found))
          .toSorted((a, b) => b[1] - a[1])
          .slice(0, 20);
        const reasons = model.because(
          best.map(([target]) => mixtureOf(target)),
          best.map(() => -1),
        );
        for (const [place, [target, score]] of best.entries()) {
          const because = reasons[place] as number;
          expect(because).toBeGreaterThanOrEqual(0);
          const rest = scoresOf(model, all.toSpliced(because, 1)).get(target) ?? 0;
          expect(rest).toBeLessThan(score);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("should say the same of mixtures, asked for at once or one by one", () => {
    const parts = fc.array(
      fc.record({ column: fc.nat(29), weight: fc.constantFrom(0.1, 0.5, 1) }),
      {
        maxLength: 25,
      },
    );
    const mixtures = fc.array(parts, { minLength: 1, maxLength: 40, size: "max" });
    fc.assert(
      fc.property(distinct, mixtures, (all, mixed) => {
        scoresOf(model, all);
        const contributions = mixed.map((mixture) => [...model.contributions(mixture)]);
        // Linear: what a mixture owes to a like is what its parts owe to it.
        for (const [place, mixture] of mixed.slice(0, 3).entries()) {
          const sums = all.map(() => 0);
          for (const part of mixture) {
            for (const [like, amount] of model.contributions([{ ...part, weight: 1 }]).entries()) {
              sums[like] = (sums[like] as number) + part.weight * amount;
            }
          }
          for (const [like, sum] of sums.entries()) {
            expect(contributions[place]?.[like]).toBeCloseTo(sum, 3);
          }
        }
        const except = mixed.map((_, place) => (place % 4) - 1);
        const named = model.because(mixed, except);
        expect(named).toHaveLength(mixed.length);
        for (const [place, like] of named.entries()) {
          expect(like === -1 || like !== except[place]).toBe(true);
          const others = (contributions[place] as number[]).map((amount, other) =>
            other === except[place] ? 0 : amount,
          );
          // Nobody is named only if nobody speaks for it.
          expect(like < 0 ? Math.max(0, ...others) : 0).toBeLessThan(1e-4);
          expect(like < 0 ? 0 : others[like]).toBeGreaterThan(-1e-6);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("should score what is most similar to a dislike lower than if it were liked", () => {
    fc.assert(
      fc.property(distinct, (all) => {
        const [disliked, ...rest] = all;
        if (disliked === undefined || rest.length === 0) return;
        const near: number[] = [];
        model.similar(disliked.video, (other) => near.push(other));
        const [against, liked] = [-1, 1].map((opinion) =>
          scoresOf(model, [...rest, { video: disliked.video, weight: opinion }]),
        ) as [Map<number, number>, Map<number, number>];
        const mean = (scores: Map<number, number>): number =>
          near.reduce((sum, other) => sum + (scores.get(other) ?? 0), 0);
        expect(mean(against)).toBeLessThanOrEqual(mean(liked) + 1e-6);
      }),
    );
  });

  test("should visit what is similar in order, from 1 down to 0", () => {
    for (const one of [1, 2, 3]) {
      const found: number[] = [];
      model.similar(one, (_, similarity) => found.push(similarity));
      expect(found).toEqual(found.toSorted((a, b) => b - a));
      expect(Math.max(...found)).toBeLessThanOrEqual(1);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    }
  });

  test("should know nothing of who likes only what it does not know", () => {
    expect(scoresOf(model, [])).toEqual(new Map());
    expect(scoresOf(model, [{ video: 99_999, weight: 1 }])).toEqual(new Map());
    expect(model.because([mixtureOf(1), []], [-1, -1])).toEqual([-1, -1]);
    expect([...model.contributions(mixtureOf(1))]).toEqual([0]);
  });
});

function few() {
  return interactionsOf(
    Array.from({ length: 200 }, (_, user) =>
      Array.from({ length: 6 }, (_unused, k) => ((user % 3) * 10 + user * k + k * k) % 30),
    ),
  );
}
