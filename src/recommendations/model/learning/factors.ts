import { padded } from "../kernels/arena.ts";
import { randomFrom } from "../../../random.ts";
import { RowSolver } from "../row-solver.ts";
import { eigenOf } from "./eigen.ts";
import { rowsOf, type SharedMatrix } from "./shared-matrix.ts";
import type { OnProgress, Task, Team } from "./team.ts";

/** How factors are learned. */
export interface FactorSettings {
  /** How many there are of each item: a multiple of four, at most 256. */
  readonly dimensions: number;
  /** What all that a user did not do weighs together; an average interaction weighs 1. */
  readonly unobserved: number;
  /** λ: above 0. */
  readonly penalty: number;
  readonly iterations: number;
}

/** Factors of the items, such that folding a user in needs a diagonal only. */
export interface Factors {
  readonly dimensions: number;
  /** The pointer of the rows of the items; there are some of zeros at the end, for padding. */
  readonly items: number;
  /** What {@link RowSolver.setBase} takes for users. */
  readonly base: Float64Array;
}

/** How factors begin, and who is told how far they are. */
export interface LearnFactorsOptions {
  readonly seed: number;
  /**
   * Factors of the same items, of other settings or other users, to begin with: fewer
   * iterations are needed then. Default: random numbers.
   */
  readonly from?: Factors | undefined;
  readonly onProgress?: OnProgress;
}

/** How many parts a Gram matrix is summed up from, whatever the number of threads. */
const PARTS = 16;
/** Rows that are rotated at once. */
const TURNED = 64;

/**
 * Implicit matrix factorization by alternating least squares (Hu, Koren and
 * Volinsky 2008), with the penalty of an item proportional to what it weighs in
 * all (Rendle et al. 2022), that of a user the same for all:
 *
 *     Σ_ui∈S c_ui (1 − x_u·y_i)² + α Σ_ui (x_u·y_i)² + Σ_u ρ ‖x_u‖² + Σ_i ρ_i ‖y_i‖²
 *     α = unobserved / items,  ρ = λ (mean c_u + unobserved),  ρ_i = λ (c_i + α users)
 *
 * Before each half step the fixed factors are rotated onto the principal axes of
 * their Gram matrix, which changes no product x·y and makes that matrix diagonal:
 * then a row with fewer interactions than dimensions is solved by an equation of
 * the size of those; see {@link RowSolver}.
 */
export async function learnFactors(
  team: Team,
  matrix: SharedMatrix,
  settings: FactorSettings,
  options: LearnFactorsOptions,
): Promise<Factors> {
  const { arena } = team;
  const { dimensions: d, unobserved, penalty, iterations } = settings;
  const { onProgress = () => {} } = options;
  const items = arena.alloc(padded(matrix.items) * d);
  const { end } = arena;
  const users = arena.alloc(padded(matrix.users) * d);
  // A block may have been used before, and rows of padding are to be 0.
  arena.f32(users, padded(matrix.users) * d).fill(0);
  begin(team, items, matrix.items, d, options);
  const alpha = unobserved / Math.max(1, matrix.items);
  const itemWeights = rowSums(team, matrix.byItem);
  const userMean = sum(itemWeights) / Math.max(1, matrix.users);
  const userPenalty = penalty * (userMean + unobserved);
  const forUsers = new Float64Array(matrix.users).fill(userPenalty);
  const forItems = itemWeights.map((weight) => penalty * (weight + alpha * matrix.users));
  for (let done = 0; done < iterations; done++) {
    await halfStep(team, matrix, "byUser", { d, alpha }, { from: items, to: users }, forUsers);
    onProgress((done + 0.5) / iterations);
    await halfStep(team, matrix, "byItem", { d, alpha }, { from: users, to: items }, forItems);
    onProgress((done + 1) / iterations);
  }
  const values = await turn(team, items, matrix.items, d);
  arena.release(end);
  return { dimensions: d, items, base: values.map((value) => alpha * value + userPenalty) };
}

/** How far from 0 the factors start: products are then of the order of 0.01. */
const START = 0.17;

/** Puts the factors of the items where they start: at random, but for the longest axes of others. */
function begin(
  { arena }: Team,
  items: number,
  count: number,
  d: number,
  { seed, from }: LearnFactorsOptions,
): void {
  const start = arena.f32(items, padded(count) * d);
  start.fill(0);
  if (from === undefined || from.dimensions < d) {
    const random = randomFrom(seed);
    const size = START / Math.sqrt(d);
    for (let at = 0; at < count * d; at++) start[at] = size * (2 * random() - 1);
  }
  if (from === undefined) return;
  const before = arena.f32(from.items, count * from.dimensions);
  // The longer an axis is, the larger is its base.
  const axes = Array.from(from.base, (base, axis) => ({ base, axis }));
  const longest = axes.toSorted((a, b) => b.base - a.base).slice(0, d);
  for (const [k, { axis }] of longest.entries()) {
    for (let item = 0; item < count; item++) {
      start[item * d + k] = before[item * from.dimensions + axis] as number;
    }
  }
}

/** What the task of a half step is told. */
export interface HalfStepTask {
  readonly rows: SharedMatrix["byUser"];
  readonly dimensions: number;
  readonly from: number;
  readonly to: number;
  /** α times the squared lengths of the axes. */
  readonly axes: Float64Array;
  readonly penalties: Float64Array;
}

async function halfStep(
  team: Team,
  matrix: SharedMatrix,
  side: "byUser" | "byItem",
  { d, alpha }: { d: number; alpha: number },
  { from, to }: { from: number; to: number },
  penalties: Float64Array,
): Promise<void> {
  const count = side === "byUser" ? matrix.items : matrix.users;
  const values = await turn(team, from, count, d);
  const axes = values.map((value) => alpha * value);
  const rows = matrix[side];
  await team.run(
    "halfStep",
    { rows, dimensions: d, from, to, axes, penalties },
    { rows: rows.rows, chunk: 32, scratch: RowSolver.scratch(d) },
  );
}

/** Solves some rows. */
export const solveRows: Task<HalfStepTask> = ({ arena, kernels, scratch }, task) => {
  const { dimensions: d, axes, penalties } = task;
  const { offsets, values } = rowsOf(arena, task.rows);
  const solver = new RowSolver(arena, kernels, d, task.from, scratch);
  const solution = arena.f32(solver.solution, d);
  const base = new Float64Array(d);
  let known = Number.NaN;
  return (from, to) => {
    for (let row = from; row < to; row++) {
      const penalty = penalties[row] as number;
      if (penalty !== known) {
        for (let k = 0; k < d; k++) base[k] = (axes[k] as number) + penalty;
        solver.setBase(base);
        known = penalty;
      }
      const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
      const columns = task.rows.columns + 4 * start;
      solver.solve({ columns, count: end - start, confidences: values.subarray(start, end) });
      arena.f32(task.to + 4 * row * d, d).set(solution);
    }
  };
};

/** What the task of summing up a Gram matrix is told. */
export interface GramPartTask {
  readonly from: number;
  readonly count: number;
  readonly dimensions: number;
  readonly out: number;
}

/** Some parts of a Gram matrix. */
export const gramParts: Task<GramPartTask> = ({ arena, kernels }, task) => {
  const { count, dimensions: d } = task;
  const size = Math.ceil(count / PARTS);
  return (from, to) => {
    for (let part = from; part < to; part++) {
      const out = task.out + 4 * part * d * d;
      arena.f32(out, d * d).fill(0);
      const rows = Math.max(0, Math.min(size, count - part * size));
      kernels.addGram(task.from + 4 * part * size * d, rows, d, out);
    }
  };
};

/** What the task of turning rows is told. */
export interface TurnTask {
  readonly rows: number;
  readonly dimensions: number;
  /** The new axes, as rows. */
  readonly axes: number;
}

/** Turns some groups of rows. */
export const turnRows: Task<TurnTask & { readonly count: number }> = (
  { arena, kernels, scratch },
  { rows, dimensions: d, axes, count },
) => {
  const turned = arena.f32(scratch, TURNED * d);
  return (from, to) => {
    for (let group = from; group < to; group++) {
      const length = Math.min(TURNED, padded(count) - group * TURNED);
      const at = rows + 4 * group * TURNED * d;
      kernels.products(at, length, axes, d, d, scratch, d, 0);
      arena.f32(at, length * d).set(turned.subarray(0, length * d));
    }
  };
};

/** Rotates rows onto the principal axes of their Gram matrix; returns its eigenvalues. */
async function turn(team: Team, rows: number, count: number, d: number): Promise<Float64Array> {
  const { arena } = team;
  const { end } = arena;
  const out = arena.alloc(PARTS * d * d);
  const axes = arena.alloc(d * d);
  const parts = { from: rows, count, dimensions: d, out };
  await team.run("gramParts", parts, { rows: PARTS, chunk: 1 });
  const gram = new Float64Array(d * d);
  const summands = arena.f32(out, PARTS * d * d);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      let total = 0;
      for (let part = 0; part < PARTS; part++) total += summands[(part * d + a) * d + b] as number;
      gram[a * d + b] = total;
      gram[b * d + a] = total;
    }
  }
  const { values, vectors } = eigenOf(gram, d);
  arena.f32(axes, d * d).set(vectors);
  const groups = Math.ceil(padded(count) / TURNED);
  const task = { rows, dimensions: d, axes, count };
  await team.run("turnRows", task, { rows: groups, chunk: 4, scratch: TURNED * d });
  arena.release(end);
  return values.map((value) => Math.max(0, value));
}

function rowSums({ arena }: Team, shared: SharedMatrix["byItem"]): Float64Array {
  const { offsets, values } = rowsOf(arena, shared);
  const sums = new Float64Array(shared.rows);
  for (let row = 0; row < sums.length; row++) {
    sums[row] = sum(values.subarray(offsets[row], offsets[row + 1]));
  }
  return sums;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
