import { afterAll, expect, test } from "vitest";
import {
  learnFactors,
  type Factors,
} from "../../../../src/recommendations/model/learning/factors.ts";
import { shareMatrix } from "../../../../src/recommendations/model/learning/shared-matrix.ts";
import { Team } from "../../../../src/recommendations/model/learning/team.ts";
import { genres } from "../interactions.ts";

const team = new Team(1);
afterAll(() => team.close());

const matrix = shareMatrix(team.arena, genres(600).matrix, 1);

const learned = (dimensions: number, iterations: number, from?: Factors): Promise<Factors> =>
  learnFactors(
    team,
    matrix,
    { dimensions, iterations, unobserved: 100, penalty: 0.02 },
    { seed: 1, from },
  );

/** The product of each two items, which no rotation of the factors changes. */
function productsOf({ items, dimensions: d }: Factors): number[] {
  const values = team.arena.f32(items, matrix.items * d);
  return Array.from({ length: matrix.items ** 2 }, (_, at) => {
    const [a, b] = [Math.floor(at / matrix.items) * d, (at % matrix.items) * d];
    let sum = 0;
    for (let k = 0; k < d; k++) sum += (values[a + k] as number) * (values[b + k] as number);
    return sum;
  });
}

/** How far products are from others, as a share of those. */
function distance(some: readonly number[], others: readonly number[]): number {
  const norm = (values: readonly number[]): number => Math.hypot(...values);
  return norm(some.map((value, at) => value - (others[at] as number))) / norm(others);
}

test.each([16, 8, 24])(
  "should be nearer to the end with %i dimensions after two iterations that begin with 16",
  async (dimensions) => {
    const wanted = productsOf(await learned(dimensions, 40));
    const from = await learned(16, 40);
    const before = productsOf(from);
    const begun = distance(productsOf(await learned(dimensions, 2, from)), wanted);
    const anew = distance(productsOf(await learned(dimensions, 2)), wanted);
    expect(begun).toBeLessThan(0.6 * anew);
    expect(productsOf(from)).toEqual(before);
  },
);
