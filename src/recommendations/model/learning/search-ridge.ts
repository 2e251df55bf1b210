import { Arena } from "../kernels/arena.ts";
import { judgeModels } from "./judging.ts";
import { findNeighbours, type Neighbours } from "./neighbours.ts";
import { prepareEquations, solveRidges, type Equations, type RidgeSettings } from "./ridge.ts";
import type { OnProgress } from "./team.ts";
import { beats, marksOf, type Marks, type Trial } from "./trial.ts";
import { bySource, copyWeights, type Weights } from "./weights.ts";

/** Where the search begins, and stays where there is too little to choose by. */
export const RIDGE: RidgeSettings = {
  neighbours: 100,
  damping: 1,
  weighting: 0.3,
  penalty: 1,
  dropout: 0.5,
};

/** The most neighbours that are tried. */
const MAX_NEIGHBOURS = 2 * RIDGE.neighbours;
/**
 * Twice as many neighbours, which take eight times as long to solve for, are tried
 * only where the usual number is better than half of it by so many standard errors.
 */
const CLEAR_GAIN = 2;

/** A ridge that was chosen, and what it has learned from the users of the trial. */
export interface ChosenRidge {
  readonly settings: RidgeSettings;
  readonly weights: Weights;
}

/** Chooses the settings of a ridge: what ranks the hidden items of the cases best. */
export async function searchRidge(trial: Trial, onProgress: OnProgress): Promise<ChosenRidge> {
  const { team, matrix, targets } = trial;
  const { end } = team.arena;
  const equations = await prepareEquations(team, matrix, RIDGE.weighting);
  const search = new RidgeSearch(trial, equations);
  const near = (damping: number, limit: number): Promise<Neighbours> =>
    findNeighbours(team, matrix, { limit, damping, targets });
  const usual = await near(RIDGE.damping, MAX_NEIGHBOURS);
  onProgress(0.2);
  const penalties = [1, 0.25, 4, 16];
  await search.attempt(
    usual,
    penalties.map((penalty) => ({ ...RIDGE, penalty, dropout: 0 })),
  );
  onProgress(0.4);
  const { penalty } = search.best.settings;
  await search.attempt(
    usual,
    [
      { penalty: penalty / 2 },
      { penalty: penalty * 2 },
      { penalty: penalty / 2, dropout: 0.5 },
      { dropout: 0.5 },
      { dropout: 1 },
    ].map((changed) => ({ ...search.best.settings, ...changed })),
  );
  onProgress(0.6);
  const all = search.best;
  const { neighbours } = RIDGE;
  const [half] = await search.attempt(usual, [{ ...all.settings, neighbours: neighbours / 2 }]);
  if (beats(all.marks, half as Marks, CLEAR_GAIN)) {
    const more = { neighbours: MAX_NEIGHBOURS, penalty: 1.5 * all.settings.penalty };
    await search.attempt(usual, [{ ...all.settings, ...more }]);
  }
  onProgress(0.8);
  const lighter = { ...search.best.settings, damping: RIDGE.damping / 2 };
  await search.attempt(await near(lighter.damping, lighter.neighbours), [lighter]);
  team.arena.release(end);
  onProgress(1);
  const { settings, kept, weights } = search.best;
  return { settings, weights: copyWeights(kept, weights, team.arena) };
}

/** What was the best so far. */
interface Best {
  readonly settings: RidgeSettings;
  readonly marks: Marks;
  readonly weights: Weights;
  /** The memory of the weights: one of their own, since that of the team is used again. */
  readonly kept: Arena;
}

/** Tries settings, and keeps the best. */
class RidgeSearch {
  readonly #trial: Trial;
  readonly #equations: Equations;
  #best: Best | undefined;

  constructor(trial: Trial, equations: Equations) {
    this.#trial = trial;
    this.#equations = equations;
  }

  /** @throws TypeError before anything was tried. */
  get best(): Best {
    if (this.#best === undefined) throw new TypeError("no ridge was tried yet");
    return this.#best;
  }

  /** Tries solutions that share nearest items; returns the marks of each. */
  async attempt(nearest: Neighbours, candidates: readonly RidgeSettings[]): Promise<Marks[]> {
    const { team, matrix, targets } = this.#trial;
    const { arena } = team;
    const { end } = arena;
    const solved = await solveRidges(team, matrix, nearest, this.#equations, candidates, targets);
    const marks: Marks[] = [];
    for (const [index, settings] of candidates.entries()) {
      const inner = arena.end;
      const solution = solved[index] as number;
      const weights = bySource(arena, matrix.items, nearest, solution, settings.neighbours);
      marks.push(await this.#judge(settings, weights));
      arena.release(inner);
    }
    arena.release(end);
    return marks;
  }

  async #judge(settings: RidgeSettings, weights: Weights): Promise<Marks> {
    const { team, matrix, cases, targets } = this.#trial;
    const mixes = [{ sparse: 1, factors: 0 }];
    const models = { cases, items: matrix.items, sparse: weights, factors: undefined, targets };
    const [qualities = []] = await judgeModels(team, { ...models, mixes });
    const marks = marksOf(qualities);
    if (this.#best === undefined || beats(marks, this.#best.marks)) {
      const kept = new Arena();
      this.#best = { settings, marks, weights: copyWeights(team.arena, weights, kept), kept };
    }
    return marks;
  }
}
