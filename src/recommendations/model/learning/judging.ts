import { TopN } from "../../top-n.ts";
import type { Matrix } from "../matrix.ts";
import { qualityOf, RANKED, type Quality } from "../metrics.ts";
import { Arena, padded } from "../kernels/arena.ts";
import { RowSolver } from "../row-solver.ts";
import type { Factors } from "./factors.ts";
import { itemsOf, type Targets } from "./neighbours.ts";
import { rowsOf, shareRows, type SharedRows } from "./shared-matrix.ts";
import type { Spread, Task, Team } from "./team.ts";

/** Viewers whose items are known, some given and some hidden, row by row. */
export interface Cases {
  readonly given: SharedRows;
  readonly hidden: SharedRows;
}

/** What to multiply the scores of the two models with, before they are added. */
export interface Mix {
  readonly sparse: number;
  readonly factors: number;
}

/** What the task is told. */
export interface JudgeTask {
  readonly cases: Cases;
  readonly items: number;
  /** Rows of weights: how much each item speaks for others. */
  readonly sparse: SharedRows;
  readonly factors: Factors | undefined;
  readonly mixes: readonly Mix[];
  /** If there are some, only they are ranked. */
  readonly targets: Targets | undefined;
  /** For each case and mix, the three figures of {@link Quality}: a pointer. */
  readonly out: number;
  /** If there are no mixes: for each case, how far the scores of either model spread. */
  readonly spreads: number;
}

/** The standard deviation of the scores of all items, as a mean over the cases. */
export interface Spreads {
  readonly sparseSpread: number;
  readonly factorSpread: number;
}

/** What to multiply the scores of the two models with for a share of the factors. */
export function mixOf(share: number, { sparseSpread, factorSpread }: Spreads): Mix {
  if (factorSpread === 0) return { sparse: 1, factors: 0 };
  if (sparseSpread === 0) return { sparse: 0, factors: 1 };
  return { sparse: 1 - share, factors: (share * sparseSpread) / factorSpread };
}

/** Models, and what they are judged by. */
export type Judged = Omit<JudgeTask, "out" | "spreads">;

const FIGURES = 3;

/** Copies cases into shared memory, their strengths multiplied by a factor. */
export function shareCases(
  team: Team,
  { given, hidden }: { readonly given: Matrix; readonly hidden: Matrix },
  factor: number,
): Cases {
  return {
    given: shareRows(team.arena, given, factor),
    hidden: shareRows(team.arena, hidden, factor),
  };
}

/** Ranks for every case, with every mix, and tells how good that is: for each mix, each case. */
export async function judgeModels(team: Team, models: Judged): Promise<Quality[][]> {
  const { arena } = team;
  const { end } = arena;
  const { mixes } = models;
  const count = models.cases.given.rows;
  const out = arena.alloc(count * mixes.length * FIGURES);
  await team.run("judge", { ...models, out, spreads: 0 }, spreadOver(models));
  const figures = arena.f32(out, count * mixes.length * FIGURES);
  const qualities = mixes.map((_, mix) =>
    Array.from({ length: count }, (_unused, row): Quality => {
      const at = (row * mixes.length + mix) * FIGURES;
      return {
        recallAt20: figures[at] as number,
        ndcgAt10: figures[at + 1] as number,
        ndcgAt100: figures[at + 2] as number,
      };
    }),
  );
  arena.release(end);
  return qualities;
}

/** So many cases tell how far scores spread. */
export const SPREAD_CASES = 200;

/** How far the scores of either model spread. */
export async function spreadsOf(team: Team, models: Omit<Judged, "mixes">): Promise<Spreads> {
  const { arena } = team;
  const { end } = arena;
  const { given, hidden } = models.cases;
  const count = Math.min(SPREAD_CASES, given.rows);
  const some = { ...models, cases: { given: { ...given, rows: count }, hidden }, mixes: [] };
  const spreads = arena.alloc(count * 2);
  await team.run("judge", { ...some, out: 0, spreads }, spreadOver(some));
  const found = arena.f32(spreads, 2 * count);
  const sums = [0, 0] as [number, number];
  for (let row = 0; row < count; row++) {
    sums[0] += found[2 * row] as number;
    sums[1] += found[2 * row + 1] as number;
  }
  arena.release(end);
  return { sparseSpread: sums[0] / Math.max(1, count), factorSpread: sums[1] / Math.max(1, count) };
}

function spreadOver({ cases, items, factors }: Judged): Spread {
  const scratch = 3 * padded(items) + RowSolver.scratch(factors?.dimensions ?? 4);
  return { rows: cases.given.rows, chunk: 4, scratch };
}

/** Judges some cases. */
export const judge: Task<JudgeTask> = ({ arena, kernels, scratch }, task) => {
  const { items, mixes, factors } = task;
  const given = rowsOf(arena, task.cases.given);
  const hidden = rowsOf(arena, task.cases.hidden);
  const { offsets, columns, values } = task.sparse;
  const count = padded(items);
  const room = new Arena(arena.memory, scratch);
  const [factorsAt, sparseAt, mixedAt] = [room.alloc(count), room.alloc(count), room.alloc(count)];
  const factorScores = arena.f32(factorsAt, count).fill(0);
  const sparseScores = arena.f32(sparseAt, count);
  const mixed = arena.f32(mixedAt, count);
  const itemOf = itemsOf(arena, task.targets);
  const ranked = task.targets?.count ?? items;
  const isRanked = new Uint8Array(items);
  for (let place = 0; place < ranked; place++) isRanked[itemOf(place)] = 1;
  const best = new TopN(RANKED);
  const solver =
    factors === undefined
      ? undefined
      : new RowSolver(arena, kernels, factors.dimensions, factors.items, room.end);
  if (factors !== undefined) solver?.setBase(factors.base);
  const spreads = arena.f32(task.spreads, mixes.length === 0 ? 2 * task.cases.given.rows : 0);
  return (from, to) => {
    for (let row = from; row < to; row++) {
      const [start, end] = [given.offsets[row] as number, given.offsets[row + 1] as number];
      const own = given.columns.subarray(start, end);
      sparseScores.fill(0);
      for (let at = start; at < end; at++) {
        const [item, strength] = [given.columns[at] as number, given.values[at] as number];
        kernels.spread(offsets, columns, values, item, strength, sparseAt);
      }
      if (solver !== undefined && factors !== undefined) {
        const chosen = task.cases.given.columns + 4 * start;
        const confidences = given.values.subarray(start, end);
        solver.solve({ columns: chosen, count: end - start, confidences });
        const { dimensions: d } = factors;
        kernels.scan(factors.items, solver.solution, count, d, factorsAt);
      }
      if (mixes.length === 0) {
        spreads[2 * row] = spreadOf(sparseScores, ranked, itemOf);
        spreads[2 * row + 1] = spreadOf(factorScores, ranked, itemOf);
        continue;
      }
      const ends = hidden.offsets.subarray(row, row + 2);
      const wanted = new Set(hidden.columns.subarray(ends[0], ends[1]));
      let before: readonly number[] = [];
      for (const [index, mix] of mixes.entries()) {
        kernels.mix(sparseAt, mix.sparse, factorsAt, mix.factors, count, mixedAt);
        // What is not above 0 is no candidate, as in serving.
        for (const item of own) mixed[item] = 0;
        // Those of the mix before are enough: what scores less than all of them does not rank.
        const floor = before.length < RANKED ? 0 : leastOf(mixed, before);
        for (let item = -1; ;) {
          item = kernels.next(mixedAt, item + 1, count, Math.max(floor, best.bar));
          if (item === count) break;
          if (isRanked[item] === 1) best.push(item, mixed[item] as number);
        }
        before = best.takeIds();
        const quality = qualityOf(before, wanted);
        const at = task.out + 4 * FIGURES * (row * mixes.length + index);
        arena.f32(at, FIGURES).set([quality.recallAt20, quality.ndcgAt10, quality.ndcgAt100]);
      }
    }
  };
};

function leastOf(scores: Float32Array, items: readonly number[]): number {
  let least = Infinity;
  for (const item of items) least = Math.min(least, scores[item] as number);
  return least;
}

/** The standard deviation of the scores of so many items. */
function spreadOf(scores: Float32Array, count: number, itemOf: (place: number) => number): number {
  let sum = 0;
  let squares = 0;
  for (let place = 0; place < count; place++) {
    const score = scores[itemOf(place)] as number;
    sum += score;
    squares += score * score;
  }
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean));
}
