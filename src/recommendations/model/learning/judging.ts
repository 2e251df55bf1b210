import { TopN } from "../../top-n.ts";
import type { Matrix } from "../matrix.ts";
import { qualityOf, RANKED, type Quality } from "../metrics.ts";
import { padded } from "../kernels/arena.ts";
import { RowSolver } from "../row-solver.ts";
import type { Factors } from "./factors.ts";
import { rowsOf, shareRows, type SharedRows } from "./shared-matrix.ts";
import type { Task, Team } from "./team.ts";

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
  /** For each case and mix, the three figures of {@link Quality}. */
  readonly out: number;
  /** For each case, how far the scores of either model spread. */
  readonly spreads: number;
}

/** How models do on cases. */
export interface Judgement {
  /** For each mix, the quality of each case. */
  readonly qualities: readonly (readonly Quality[])[];
  /** The standard deviation of the scores of all items, as a mean over the cases. */
  readonly sparseSpread: number;
  readonly factorSpread: number;
}

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

/** Ranks for every case, with every mix, and tells how good that is. */
export async function judgeModels(
  team: Team,
  models: Pick<JudgeTask, "cases" | "items" | "sparse" | "factors" | "mixes">,
): Promise<Judgement> {
  const { arena } = team;
  const { end } = arena;
  const count = models.cases.given.rows;
  const out = arena.alloc(count * models.mixes.length * FIGURES);
  const spreads = arena.alloc(count * 2);
  const dimensions = models.factors?.dimensions ?? 4;
  await team.run(
    "judge",
    { ...models, out, spreads },
    { rows: count, chunk: 4, scratch: padded(models.items) + RowSolver.scratch(dimensions) },
  );
  const figures = arena.f32(out, count * models.mixes.length * FIGURES);
  const qualities = models.mixes.map((_, mix) =>
    Array.from({ length: count }, (_unused, row): Quality => {
      const at = (row * models.mixes.length + mix) * FIGURES;
      return {
        recallAt20: figures[at] as number,
        ndcgAt10: figures[at + 1] as number,
        ndcgAt100: figures[at + 2] as number,
      };
    }),
  );
  const found = arena.f32(spreads, 2 * count);
  const meanSpread = (of: 0 | 1): number => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += found[2 * row + of] as number;
    return sum / Math.max(1, count);
  };
  const judgement = { qualities, sparseSpread: meanSpread(0), factorSpread: meanSpread(1) };
  arena.release(end);
  return judgement;
}

/** Judges some cases. */
export const judge: Task<JudgeTask> = ({ arena, kernels, scratch }, task) => {
  const { items, mixes, factors } = task;
  const given = rowsOf(arena, task.cases.given);
  const hidden = rowsOf(arena, task.cases.hidden);
  const sparse = rowsOf(arena, task.sparse);
  const factorScores = arena.f32(scratch, padded(items));
  const sparseScores = new Float32Array(items);
  const isKnown = new Uint8Array(items);
  const best = new TopN(RANKED);
  const solver =
    factors === undefined
      ? undefined
      : new RowSolver(
          arena,
          kernels,
          factors.dimensions,
          factors.items,
          scratch + 4 * padded(items),
        );
  if (factors !== undefined) solver?.setBase(factors.base);
  factorScores.fill(0);
  const spreads = arena.f32(task.spreads, 2 * task.cases.given.rows);
  return (from, to) => {
    for (let row = from; row < to; row++) {
      const [start, end] = [given.offsets[row] as number, given.offsets[row + 1] as number];
      sparseScores.fill(0);
      isKnown.fill(0);
      for (let at = start; at < end; at++) {
        const item = given.columns[at] as number;
        isKnown[item] = 1;
        const last = sparse.offsets[item + 1] as number;
        for (let k = sparse.offsets[item] as number; k < last; k++) {
          const other = sparse.columns[k] as number;
          sparseScores[other] =
            (sparseScores[other] as number) +
            (given.values[at] as number) * (sparse.values[k] as number);
        }
      }
      if (solver !== undefined && factors !== undefined) {
        const columns = task.cases.given.columns + 4 * start;
        const confidences = given.values.subarray(start, end);
        solver.solve({ columns, count: end - start, confidences });
        const { dimensions: d } = factors;
        kernels.scan(factors.items, solver.solution, padded(items), d, scratch);
      }
      spreads[2 * row] = spreadOf(sparseScores);
      spreads[2 * row + 1] = spreadOf(factorScores.subarray(0, items));
      const ends = hidden.offsets.subarray(row, row + 2);
      const wanted = new Set(hidden.columns.subarray(ends[0], ends[1]));
      for (const [index, mix] of mixes.entries()) {
        for (let item = 0; item < items; item++) {
          if (isKnown[item] === 1) continue;
          const score =
            mix.sparse * (sparseScores[item] as number) +
            mix.factors * (factorScores[item] as number);
          if (best.takes(item, score)) best.push(item, score);
        }
        const quality = qualityOf(best.takeIds(), wanted);
        const at = task.out + 4 * FIGURES * (row * mixes.length + index);
        arena.f32(at, FIGURES).set([quality.recallAt20, quality.ndcgAt10, quality.ndcgAt100]);
      }
    }
  };
};

function spreadOf(values: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}
