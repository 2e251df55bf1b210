import { padded } from "../kernels/arena.ts";
import { itemsOf, NONE, userWeights, type Neighbours, type Targets } from "./neighbours.ts";
import { NeighbourGram } from "./neighbour-gram.ts";
import { rowsOf, type SharedMatrix } from "./shared-matrix.ts";
import type { Task, Team } from "./team.ts";

/** How a sparse neighbourhood ridge is learned. */
export interface RidgeSettings {
  /** How many of the nearest items are the features of each. */
  readonly neighbours: number;
  /** A user of n items weighs n^-damping in finding the nearest. */
  readonly damping: number;
  /** And n^-weighting in the regression: between 0.1 and 0.7 hardly anything depends on it. */
  readonly weighting: number;
  /** λ, as a multiple of the mean of the Gram matrix' diagonal: above 0. */
  readonly penalty: number;
  /** p, as a multiple of each feature's own diagonal element: 0 or above. */
  readonly dropout: number;
}

/** One solution of the same equations. */
export interface Solution {
  readonly neighbours: number;
  readonly penalty: number;
  readonly dropout: number;
}

/** What the task is told. */
export interface RidgeTask {
  readonly matrix: SharedMatrix;
  readonly nearest: Neighbours;
  readonly equations: Equations;
  readonly targets: Targets | undefined;
  readonly solutions: readonly (Solution & {
    /** λ itself. */
    readonly lambda: number;
    /** Rows of `neighbours` weights for each item. */
    readonly out: number;
  })[];
}

/** Up to this many items the whole Gram matrix is kept: 288 MB. */
const DENSE_ITEMS = 12_000;

/** What the equations of all items are made from. */
export interface Equations {
  /** The weight of each user in the regression: a pointer. */
  readonly weights: number;
  /** The Gram matrix, on and below its diagonal, where there is room for it; otherwise 0. */
  readonly dense: number;
  /** The mean of its diagonal. */
  readonly mean: number;
}

/** Prepares the equations; they do not depend on neighbours and penalties. */
export async function prepareEquations(
  team: Team,
  matrix: SharedMatrix,
  weighting: number,
): Promise<Equations> {
  const weights = userWeights(team, matrix, weighting);
  const mean = meanDiagonal(team, matrix, weights);
  if (matrix.items > DENSE_ITEMS) return { weights, mean, dense: 0 };
  const out = team.arena.alloc((matrix.items * (matrix.items + 1)) / 2);
  await team.run("denseGram", { matrix, weights, out }, { rows: matrix.items, chunk: 16 });
  return { weights, mean, dense: out };
}

/**
 * A sparse linear model of the items: the nearest items N of each are the only
 * features that explain it, with weights from a ridge regression over users,
 *
 *     w_j = (G_NN + λ I + p diag(G_NN))⁻¹ G_Nj,   G = Σ_u n_u^-weighting x_u x_uᵀ
 *
 * SLIM (Ning and Karypis 2011) with its features chosen beforehand, and with
 * closed forms as in EASE (Steck 2019); p stands for dropping features at random
 * (EDLAE, Steck 2020). The time is linear in the items and cubic in |N|.
 *
 * Returns a pointer for each solution: for each item as many weights as the
 * solution has neighbours, in the order of `nearest`, whose limit is not below.
 * With targets, only theirs are found.
 */
export async function solveRidges(
  team: Team,
  matrix: SharedMatrix,
  nearest: Neighbours,
  equations: Equations,
  solutions: readonly Solution[],
  targets?: Targets,
): Promise<number[]> {
  const { arena } = team;
  const out = solutions.map(({ neighbours: k }) => arena.alloc(matrix.items * k));
  const task: RidgeTask = {
    matrix,
    nearest,
    equations,
    targets,
    solutions: solutions.map((solution, index) => ({
      ...solution,
      lambda: solution.penalty * equations.mean,
      out: out[index] as number,
    })),
  };
  const width = padded(mostNeighbours(solutions));
  await team.run("ridge", task, {
    rows: targets?.count ?? matrix.items,
    chunk: 16,
    scratch: 2 * width * width + 2 * width,
  });
  return out;
}

/** Does some items. */
export const ridge: Task<RidgeTask> = ({ arena, kernels, scratch }, task) => {
  const { matrix, nearest, solutions } = task;
  const ids = arena.u32(nearest.ids, matrix.items * nearest.limit);
  const itemOf = itemsOf(arena, task.targets);
  const most = mostNeighbours(solutions);
  const width = padded(most);
  const [a, factor] = [scratch, scratch + 4 * width * width];
  const [b, x] = [factor + 4 * width * width, factor + 4 * width * width + 4 * width];
  const gram = new NeighbourGram(arena, task, width, a, b);
  const [gramValues, factorValues] = [
    arena.f32(a, width * width),
    arena.f32(factor, width * width),
  ];
  const [target, solved] = [arena.f32(b, width), arena.f32(x, width)];
  return (from, to) => {
    for (let row = from; row < to; row++) {
      const item = itemOf(row);
      const start = item * nearest.limit;
      let count = 0;
      while (count < most && ids[start + count] !== NONE) count++;
      const features = ids.subarray(start, start + count);
      gram.fill(item, features);
      for (const { neighbours: k, lambda, dropout, out } of solutions) {
        const used = Math.min(k, count);
        const n = padded(used);
        factorValues.set(gramValues.subarray(0, used * width));
        factorValues.fill(0, used * width, n * width);
        for (let at = 0; at < used * width; at += width + 1) {
          factorValues[at] = (1 + dropout) * (gramValues[at] as number) + lambda;
        }
        solved.fill(0);
        solved.set(target.subarray(0, used));
        kernels.cholesky(factor, n, width);
        kernels.solve(factor, n, width, x);
        const weights = arena.f32(out + 4 * item * k, k);
        weights.fill(0, used);
        weights.set(solved.subarray(0, used));
      }
    }
  };
};

/** So many features the equations have, of which each solution takes its own. */
function mostNeighbours(solutions: readonly Solution[]): number {
  return Math.max(...solutions.map(({ neighbours }) => neighbours));
}

/** The mean over all items of Σ_u w_u x_ui². */
function meanDiagonal({ arena }: Team, matrix: SharedMatrix, weightsAt: number): number {
  const { offsets, values } = rowsOf(arena, matrix.byUser);
  const weights = arena.f32(weightsAt, matrix.users);
  let sum = 0;
  for (let user = 0; user < matrix.users; user++) {
    let squares = 0;
    const end = offsets[user + 1] as number;
    for (let at = offsets[user] as number; at < end; at++) squares += (values[at] as number) ** 2;
    sum += (weights[user] as number) * squares;
  }
  return matrix.items === 0 ? 0 : sum / matrix.items;
}
