import { meanDifference, type Quality } from "../metrics.ts";
import { learnFactors, type FactorSettings } from "./factors.ts";
import { judgeModels, spreadsOf, type Cases, type Mix, type Spreads } from "./judging.ts";
import { findNeighbours, type Neighbours, type Targets } from "./neighbours.ts";
import { prepareEquations, solveRidges, type RidgeSettings } from "./ridge.ts";
import type { SharedMatrix } from "./shared-matrix.ts";
import type { OnProgress, Team } from "./team.ts";
import { bySource, type Weights } from "./weights.ts";

/** Everything that is chosen before a model is learned. */
export interface Settings {
  readonly ridge: RidgeSettings;
  /** Undefined where there are too many items for factors, or too few. */
  readonly factors: FactorSettings | undefined;
  /** How much of a score comes from the factors, when either spreads as much: from 0 to below 1. */
  readonly share: number;
}

/** Where the search begins, and stays where there is too little to choose by. */
export const RIDGE: RidgeSettings = {
  neighbours: 100,
  damping: 1,
  weighting: 0.3,
  penalty: 1,
  dropout: 0.5,
};
const FACTORS: FactorSettings = {
  dimensions: 64,
  unobserved: 300,
  penalty: 0.006,
  iterations: 4,
};
export const SHARE = 0.5;

/** The shares that are tried. */
const SHARES = [0, 0.15, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9];
/** The shares that each of many factorizations is tried with. */
const FEW_SHARES = [0.5, 0.7, 0.85];
/** A change of settings must gain so many standard errors: chance is no reason. */
const GAIN = 0.25;
/** How many factorizations are tried at most. */
const MAX_TRIES = 12;
/** Factors converge within so many iterations, well enough to be used. */
const FINAL_ITERATIONS = 8;

/** What a search works on. */
export interface Trial {
  readonly team: Team;
  readonly matrix: SharedMatrix;
  /** What is hidden is among the targets, if there are some. */
  readonly cases: Cases;
  /** Where there are many items: those which alone are explained and ranked. */
  readonly targets: Targets | undefined;
  readonly seed: number;
}

/** NDCG@100 of each case. */
type Marks = readonly number[];

const marksOf = (qualities: readonly Quality[]): Marks =>
  qualities.map((quality) => quality.ndcgAt100);

/** Whether marks are better than others by more than chance. */
function beats(marks: Marks, others: Marks): boolean {
  const { mean, error } = meanDifference(marks, others);
  return mean > GAIN * error;
}

/** What to multiply the scores of the two models with for a share. */
export function mixOf(share: number, { sparseSpread, factorSpread }: Spreads): Mix {
  if (factorSpread === 0) return { sparse: 1, factors: 0 };
  if (sparseSpread === 0) return { sparse: 0, factors: 1 };
  return { sparse: 1 - share, factors: (share * sparseSpread) / factorSpread };
}

/** Chooses the settings of a ridge: what ranks the hidden items of the cases best. */
export async function searchRidge(trial: Trial, onProgress: OnProgress): Promise<RidgeSettings> {
  let best: { settings: RidgeSettings; marks: Marks } | undefined;
  const before = trial.team.arena.end;
  const equations = await prepareEquations(trial.team, trial.matrix, RIDGE.weighting);
  /** Tries solutions that share neighbours. */
  const attempt = async (candidates: readonly RidgeSettings[]): Promise<void> => {
    const { team, matrix, targets } = trial;
    const { end } = team.arena;
    const [{ damping }] = candidates as [RidgeSettings];
    const limit = Math.max(...candidates.map(({ neighbours }) => neighbours));
    const nearest = await findNeighbours(team, matrix, { limit, damping, targets });
    const solved = await solveRidges(team, matrix, nearest, equations, candidates, targets);
    for (const [index, settings] of candidates.entries()) {
      const inner = team.arena.end;
      const weights = solved[index] as number;
      const marks = await judgeRidge(trial, nearest, weights, settings.neighbours);
      if (best === undefined || beats(marks, best.marks)) best = { settings, marks };
      team.arena.release(inner);
    }
    team.arena.release(end);
  };
  const found = (): RidgeSettings => best?.settings ?? RIDGE;
  const steps: (() => readonly RidgeSettings[])[] = [
    () => [1, 0.25, 4, 16].map((penalty) => ({ ...RIDGE, penalty, dropout: 0 })),
    () => {
      const { penalty } = found();
      return [
        { ...found(), penalty: penalty / 2 },
        { ...found(), penalty: penalty * 2 },
        { ...found(), penalty: penalty / 2, dropout: 0.5 },
        { ...found(), dropout: 0.5 },
        { ...found(), dropout: 1 },
      ];
    },
    () => {
      const { neighbours, penalty } = found();
      return [
        { ...found(), neighbours: neighbours / 2 },
        { ...found(), neighbours: 2 * neighbours, penalty: 1.5 * penalty },
      ];
    },
    () => [{ ...found(), damping: 0.5 }],
  ];
  for (const [index, step] of steps.entries()) {
    await attempt(step());
    onProgress((index + 1) / steps.length);
  }
  trial.team.arena.release(before);
  return found();
}

async function judgeRidge(
  { team, matrix, cases, targets }: Trial,
  nearest: Neighbours,
  weights: number,
  count: number,
): Promise<Marks> {
  const sparse = bySource(team.arena, matrix.items, nearest, weights, count);
  const mixes = [{ sparse: 1, factors: 0 }];
  const models = { cases, items: matrix.items, sparse, factors: undefined, mixes, targets };
  const [qualities = []] = await judgeModels(team, models);
  return marksOf(qualities);
}

/** What was found with factors of one kind. */
interface Blend {
  readonly factors: FactorSettings;
  readonly share: number;
  readonly marks: Marks;
}

/** Chooses the settings of factors, and their share, by what they add to a ridge. */
export async function searchFactors(
  trial: Trial,
  sparse: Weights,
  largest: number,
  onProgress: OnProgress,
): Promise<Pick<Settings, "factors" | "share">> {
  const start = startingAt(largest);
  let best = await tryFactors(trial, sparse, start, FEW_SHARES);
  const improve = async (factors: FactorSettings, shares: readonly number[]): Promise<boolean> => {
    const blend = await tryFactors(trial, sparse, factors, shares);
    const isBetter = beats(blend.marks, best.marks);
    if (isBetter) best = blend;
    return isBetter;
  };
  // Uphill, one setting after the other, until no step is one up.
  const tried = new Set(["0,0"]);
  let [unobserved, penalty, direction, failures] = [0, 0, 0, 0];
  while (failures < DIRECTIONS.length && tried.size < MAX_TRIES) {
    const [more, stronger] = DIRECTIONS[direction] as (typeof DIRECTIONS)[number];
    const place = `${unobserved + more},${penalty + stronger}`;
    const next: FactorSettings = {
      ...start,
      unobserved: start.unobserved * 3 ** (unobserved + more),
      penalty: start.penalty * 2 ** (penalty + stronger),
    };
    if (!tried.has(place) && (await improve(next, FEW_SHARES))) {
      unobserved += more;
      penalty += stronger;
      failures = 0;
    } else {
      direction = (direction + 1) % DIRECTIONS.length;
      failures++;
    }
    tried.add(place);
    onProgress((0.8 * tried.size) / MAX_TRIES);
  }
  const sized = (dimensions: number): FactorSettings => ({
    ...best.factors,
    dimensions: Math.min(largest, dimensions),
    iterations: FINAL_ITERATIONS,
  });
  const { dimensions } = start;
  best = await tryFactors(trial, sparse, sized(2 * dimensions), SHARES);
  onProgress(0.9);
  const isSmaller = await improve(sized(dimensions), SHARES);
  if (isSmaller && dimensions % 8 === 0) await improve(sized(dimensions / 2), SHARES);
  onProgress(1);
  return { factors: best.factors, share: best.share };
}

/** The steps that are tried: powers of 3 of what is unobserved, powers of 2 of the penalty. */
const DIRECTIONS = [
  [-1, 0],
  [1, 0],
  [0, 1],
  [0, -1],
] as const;

/** Where the search for factors begins, with at most so many dimensions. */
export function startingAt(largest: number): FactorSettings {
  return { ...FACTORS, dimensions: Math.min(largest, FACTORS.dimensions) };
}

async function tryFactors(
  trial: Trial,
  sparse: Weights,
  settings: FactorSettings,
  shares: readonly number[],
): Promise<Blend> {
  const { team, matrix, cases, targets, seed } = trial;
  const { end } = team.arena;
  const factors = await learnFactors(team, matrix, settings, seed);
  const models = { cases, items: matrix.items, sparse, factors, targets };
  const spreads = await spreadsOf(team, models);
  const mixes = shares.map((share) => mixOf(share, spreads));
  const qualities = await judgeModels(team, { ...models, mixes });
  team.arena.release(end);
  const marks = qualities.map(marksOf);
  const mean = (values: Marks): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  let index = 0;
  for (const [other, values] of marks.entries()) {
    if (mean(values) > mean(marks[index] as Marks)) index = other;
  }
  return { factors: settings, share: shares[index] as number, marks: marks[index] as Marks };
}
