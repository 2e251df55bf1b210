import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  nearestItems,
  type CosineOptions,
} from "../../../src/recommendations/model/item-cosine.ts";
import { MatrixBuilder, type Interactions } from "../../../src/recommendations/model/matrix.ts";
import { ItemModel, scalesOf } from "../../../src/recommendations/model/model.ts";

type Dense = number[][];

const strength = fc.constantFrom(0, 0, 0, 0.6, 1, 2);
const dense: fc.Arbitrary<Dense> = fc
  .integer({ min: 1, max: 9 })
  .chain((items) =>
    fc.array(fc.array(strength, { minLength: items, maxLength: items }), { maxLength: 12 }),
  );
const options: fc.Arbitrary<CosineOptions> = fc.record({
  neighbours: fc.integer({ min: 1, max: 10 }),
  shrinkage: fc.constantFrom(0, 1, 5),
  damping: fc.constantFrom(0, 0.5, 1),
});

/** The videos are 10, 20, and so on, to tell them from columns. */
function sparse(rows: Dense): Interactions {
  const builder = new MatrixBuilder();
  for (const row of rows) {
    for (const [item, value] of row.entries()) if (value > 0) builder.add(10 * (item + 1), value);
    builder.endUser();
  }
  return builder.build();
}

/** The formula as it stands in the comment, over all pairs. */
function naiveSimilarity(rows: Dense, a: number, b: number, { shrinkage, damping }: CosineOptions) {
  const weights = rows.map((row) => row.filter((value) => value > 0).length ** -damping);
  const product = (i: number, j: number): number =>
    rows.reduce((sum, row, u) => {
      const values = (row[i] as number) * (row[j] as number);
      return values === 0 ? sum : sum + (weights[u] as number) * values;
    }, 0);
  const norms = Math.sqrt(product(a, a)) * Math.sqrt(product(b, b));
  return product(a, b) / (norms + shrinkage);
}

test("keeps the items that a naive dense cosine finds nearest", () => {
  fc.assert(
    fc.property(dense, options, (rows, cosine) => {
      const { matrix, videos } = sparse(rows);
      const found = nearestItems(matrix, cosine);
      for (const [column, video] of videos.entries()) {
        const item = video / 10 - 1;
        const expected = [...videos]
          .map((other) => naiveSimilarity(rows, item, other / 10 - 1, cosine))
          .filter((similarity, other) => other !== column && similarity > 0)
          .toSorted((a, b) => b - a)
          .slice(0, cosine.neighbours);
        const [start, end] = [found.offsets[column], found.offsets[column + 1]];
        const similarities = found.similarities.slice(start, end);
        expect(similarities.length).toBe(expected.length);
        for (const [place, similarity] of similarities.entries()) {
          expect(similarity).toBeCloseTo(expected[place] as number, 5);
        }
        for (const [place, other] of found.items.slice(start, end).entries()) {
          const own = naiveSimilarity(rows, item, (videos[other] as number) / 10 - 1, cosine);
          expect(similarities[place]).toBeCloseTo(own, 5);
        }
      }
    }),
  );
});

test("learns the same model from the same interactions", () => {
  fc.assert(
    fc.property(dense, options, (rows, cosine) => {
      expect(nearestItems(sparse(rows).matrix, cosine)).toEqual(
        nearestItems(sparse(rows).matrix, cosine),
      );
    }),
  );
});

test("scores a viewer as the formula over all of their likes does", () => {
  const likes = fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { minLength: 1 });
  fc.assert(
    fc.property(dense, likes, (rows, liked) => {
      const cosine: CosineOptions = { neighbours: 100, shrinkage: 1, damping: 0.5 };
      const { matrix, videos } = sparse(rows);
      const neighbours = nearestItems(matrix, cosine);
      const model = new ItemModel({
        ...neighbours,
        videos,
        scales: scalesOf(neighbours),
        info: {
          trainedTime: 0,
          items: videos.length,
          users: 0,
          interactions: 0,
          position: 0,
          heldOut: undefined,
          logId: "log",
        },
      });
      const known = (video: number): boolean => videos.includes(video);
      const weighted = liked.map((item) => ({ video: item * 10, weight: item }));
      const contribution = (from: number, to: number, weight: number): number => {
        if (from === to || !known(from)) return 0;
        const similarity = (other: number): number =>
          naiveSimilarity(rows, from / 10 - 1, other / 10 - 1, cosine);
        const norm = Math.hypot(...[...videos].filter((v) => v !== from).map(similarity));
        return norm === 0 ? 0 : (weight * similarity(to) ** 2) / norm;
      };
      // Twice, because the accumulators are used again.
      for (let round = 0; round < 2; round++) {
        const scores = new Map<number, number>();
        model.score(weighted, (video, score, because) => {
          expect(scores.has(video)).toBe(false);
          scores.set(video, score);
          const all = weighted.map((like) => contribution(like.video, video, like.weight));
          expect(all[because]).toBeCloseTo(Math.max(...all), 4);
        });
        for (const video of videos) {
          const expected = weighted.reduce(
            (sum, like) => sum + contribution(like.video, video, like.weight),
            0,
          );
          expect(scores.get(video) ?? 0).toBeCloseTo(expected, 4);
        }
      }
    }),
  );
});
