import { TopN } from "../../top-n.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Task, Team } from "./team.ts";
import { rowsOf, type Rows, type SharedMatrix } from "./shared-matrix.ts";

/** Stands where an item has no further neighbour. */
export const NONE = 0xffff_ffff;

/**
 * What the products of norms are increased by, so that chance does not look like
 * similarity where two items have one user in common who has many.
 */
const SHRINKAGE = 0.1;

/** The nearest items of each, nearest first: rows of `limit` elements, by pointers. */
export interface Neighbours {
  readonly limit: number;
  /** Items; {@link NONE} where there is no further one. */
  readonly ids: number;
  readonly similarities: number;
}

/** Some of the items, for which alone something is found out: a pointer to their numbers. */
export interface Targets {
  readonly count: number;
  readonly items: number;
}

/** What the task is told. */
export interface NeighbourTask extends Neighbours {
  readonly matrix: SharedMatrix;
  readonly weights: number;
  readonly norms: number;
  readonly targets: Targets | undefined;
}

/**
 * The nearest items of each by cosine (Sarwar et al. 2001), over users weighted
 * by n^-damping, where n is how many items they have (inverse user frequency, as
 * in Karypis 2001), shrunk towards 0 (Bell and Koren 2007):
 *
 *     sim(i, j) = Σ_u w_u s_ui s_uj / (‖i‖ ‖j‖ + shrinkage),  ‖i‖² = Σ_u w_u s_ui²
 *
 * The time is that of Σ_u n_u² additions. Of equally near items the one of the
 * lower number is nearer. With targets, only theirs are found, and others have none.
 */
export async function findNeighbours(
  team: Team,
  matrix: SharedMatrix,
  options: {
    readonly limit: number;
    readonly damping: number;
    readonly targets?: Targets | undefined;
  },
): Promise<Neighbours> {
  const { arena } = team;
  const { limit, targets } = options;
  const { items } = matrix;
  const ids = arena.alloc(items * limit);
  const similarities = arena.alloc(items * limit);
  const { end } = arena;
  const weights = userWeights(team, matrix, options.damping);
  const norms = arena.alloc(items);
  arena
    .f32(norms, items)
    .set(itemNorms(rowsOf(arena, matrix.byItem), arena.f32(weights, matrix.users)));
  const found = { limit, ids, similarities };
  if (targets !== undefined) arena.u32(ids, items * limit).fill(NONE);
  const task = { ...found, matrix, weights, norms, targets };
  await team.run("neighbours", task, { rows: targets?.count ?? items, chunk: 32 });
  arena.release(end);
  return found;
}

/** The weight of each user, n^-damping, in shared memory. */
export function userWeights({ arena }: Team, matrix: SharedMatrix, damping: number): number {
  const weights = arena.alloc(matrix.users);
  const { offsets } = rowsOf(arena, matrix.byUser);
  const to = arena.f32(weights, matrix.users);
  for (let user = 0; user < matrix.users; user++) {
    const items = (offsets[user + 1] as number) - (offsets[user] as number);
    to[user] = items === 0 ? 0 : items ** -damping;
  }
  return weights;
}

/** Does some items. */
export const neighbours: Task<NeighbourTask> = ({ arena }, task) => {
  const { limit, matrix } = task;
  const itemOf = itemsOf(arena, task.targets);
  const byUser = rowsOf(arena, matrix.byUser);
  const byItem = rowsOf(arena, matrix.byItem);
  const weights = arena.f32(task.weights, matrix.users);
  const norms = arena.f32(task.norms, matrix.items);
  const ids = arena.u32(task.ids, matrix.items * limit);
  const similarities = arena.f32(task.similarities, matrix.items * limit);
  const dots = new Float64Array(matrix.items);
  const touched = new Uint32Array(matrix.items);
  const best = new TopN(limit);
  return (from, to) => {
    for (let row = from; row < to; row++) {
      const item = itemOf(row);
      const count = addDots(byUser, byItem, weights, item, dots, touched);
      const norm = norms[item] as number;
      for (let k = 0; k < count; k++) {
        const other = touched[k] as number;
        const product = norm * (norms[other] as number);
        if (other !== item) best.push(other, (dots[other] as number) / (product + SHRINKAGE));
        dots[other] = 0;
      }
      const start = item * limit;
      ids.fill(NONE, start + best.size, start + limit);
      best.drain((other, similarity) => {
        // Worst first: the row is filled from its end.
        ids[start + best.size] = other;
        similarities[start + best.size] = similarity;
      });
    }
  };
};

/** Which item a row of a task is about: all of them, or those of the targets. */
export function itemsOf(arena: Arena, targets: Targets | undefined): (row: number) => number {
  if (targets === undefined) return (row) => row;
  const items = arena.u32(targets.items, targets.count);
  return (row) => items[row] as number;
}

/** Adds up the dot products of an item with all that share a user with it, itself too. */
export function addDots(
  byUser: Rows,
  byItem: Rows,
  weights: Float32Array,
  item: number,
  dots: Float64Array,
  touched: Uint32Array,
): number {
  const { offsets, columns, values } = byUser;
  let count = 0;
  const end = byItem.offsets[item + 1] as number;
  for (let at = byItem.offsets[item] as number; at < end; at++) {
    const user = byItem.columns[at] as number;
    const weight = (weights[user] as number) * (byItem.values[at] as number);
    const last = offsets[user + 1] as number;
    for (let k = offsets[user] as number; k < last; k++) {
      const other = columns[k] as number;
      const dot = dots[other] as number;
      if (dot === 0) touched[count++] = other;
      dots[other] = dot + weight * (values[k] as number);
    }
  }
  return count;
}

function itemNorms(byItem: Rows, weights: Float32Array): Float64Array {
  const norms = new Float64Array(byItem.offsets.length - 1);
  for (let item = 0; item < norms.length; item++) {
    let sum = 0;
    const end = byItem.offsets[item + 1] as number;
    for (let at = byItem.offsets[item] as number; at < end; at++) {
      sum += (weights[byItem.columns[at] as number] as number) * (byItem.values[at] as number) ** 2;
    }
    norms[item] = Math.sqrt(sum);
  }
  return norms;
}
