import { availableParallelism } from "node:os";
import { Arena, padded } from "../kernels/arena.ts";
import { groupUsers, splitItems } from "../held-out.ts";
import { selectUsers, userCount, type Interactions, type Matrix } from "../matrix.ts";
import type { ModelParts } from "../model-file.ts";
import { learnFactors, type Factors, type FactorSettings } from "./factors.ts";
import { mixOf, shareCases, SPREAD_CASES, spreadsOf, type Mix } from "./judging.ts";
import { findNeighbours } from "./neighbours.ts";
import { prepareEquations, solveRidges, type RidgeSettings } from "./ridge.ts";
import { search, type Chosen } from "./search.ts";
import { shareMatrix, type SharedMatrix } from "./shared-matrix.ts";
import { Team, type OnProgress, type OnTask } from "./team.ts";
import { bySource, type Weights } from "./weights.ts";

/** What a model is made of, but for what it was learned from. */
export type Learned = Omit<ModelParts, "info" | "counts">;

export interface LearnOptions {
  /** The same seed and interactions make the same model, whatever the number of threads. */
  readonly seed: number;
  /** Default: as many as the machine can run at once. */
  readonly threads?: number;
  /**
   * How many factors of users there are at most while those of the items are
   * learned: above, they are learned from a sample of the users. Default: as many
   * as take 768 MiB, with which all of a memory of 4 GiB is enough.
   */
  readonly maxUserFactors?: number;
  /**
   * How many items are explained and ranked at most while the settings are
   * chosen: where there are more, a sample of them. Default: 25,000.
   */
  readonly maxTargets?: number;
  /** Told of the choice of the settings. */
  readonly onSearch?: OnProgress;
  /** Told of the learning that follows it. */
  readonly onProgress?: OnProgress;
  /** Told how long each task of the threads took. */
  readonly onTask?: OnTask;
}

/** See {@link LearnOptions.maxUserFactors}. */
const MAX_USER_FACTORS = 201_326_592;

/**
 * Learns a model from interactions, but for those of the judges and of who will
 * be one: chooses the settings by how well they rank what held-out users like,
 * then learns from all others.
 */
export async function learn(
  { matrix, videos, users }: Interactions,
  options: LearnOptions,
): Promise<Learned> {
  const { seed, threads = availableParallelism(), maxUserFactors = MAX_USER_FACTORS } = options;
  const { maxTargets, onSearch, onProgress = () => {} } = options;
  const { judges, reserved, tuners, others } = groupUsers(matrix, users, seed);
  const team = new Team(Math.max(1, threads), options.onTask);
  try {
    const unit = unitOf(matrix);
    const chosen = await search(team, {
      ...{ matrix, tuners, others, unit, seed, maxTargets },
      onProgress: onSearch,
    });
    const learners = withoutRows(matrix, [judges, reserved]);
    const shared = shareMatrix(team.arena, selectUsers(matrix, learners), unit);
    return await learnWith(team, chosen, {
      shared,
      matrix,
      videos,
      learners,
      unit,
      seed,
      maxUserFactors,
      onProgress,
    });
  } finally {
    await team.close();
  }
}

/** What is learned from, once the settings are chosen. */
interface LearnTask {
  readonly shared: SharedMatrix;
  readonly matrix: Matrix;
  readonly videos: Uint32Array;
  readonly learners: Uint32Array;
  readonly unit: number;
  readonly seed: number;
  readonly maxUserFactors: number;
  readonly onProgress: OnProgress;
}

async function learnWith(team: Team, chosen: Chosen, task: LearnTask): Promise<Learned> {
  const { settings } = chosen;
  const { shared, videos, unit, onProgress } = task;
  const isBlend = settings.factors !== undefined && settings.share > 0;
  // In a memory of their own where no thread needs them: with them, that of large
  // catalogs would not be enough.
  const arena = isBlend ? team.arena : new Arena();
  const sparse = await learnSparse(team, shared, settings.ridge, arena);
  onProgress(isBlend ? 0.3 : 0.9);
  const factors = isBlend
    ? await learnBlended(team, settings.factors, task, chosen.found?.factors)
    : undefined;
  const mix =
    factors === undefined
      ? { sparse: 1, factors: 0 }
      : (chosen.found?.mix ?? (await usualMix(team, { sparse, factors }, settings.share, task)));
  onProgress(0.95);
  const dimensions = factors?.dimensions ?? 0;
  const rows = factors === undefined ? 0 : padded(videos.length) * dimensions;
  return {
    settings,
    scales: { unit, ...mix },
    dimensions,
    videos,
    offsets: arena.u32(sparse.offsets, sparse.rows + 1),
    targets: arena.u32(sparse.columns, sparse.pairs),
    weights: arena.f32(sparse.values, sparse.pairs),
    similarities: Uint16Array.from(arena.f32(sparse.similarities, sparse.pairs), (similarity) =>
      Math.round(0xffff * Math.min(1, similarity)),
    ),
    factors: team.arena.f32(factors?.items ?? 0, rows),
    base: Float32Array.from(factors?.base ?? []),
  };
}

/** What a share is that was not chosen, by some of those who were learned from. */
async function usualMix(
  team: Team,
  models: { readonly sparse: Weights; readonly factors: Factors },
  share: number,
  { matrix, shared, learners, unit, seed }: LearnTask,
): Promise<Mix> {
  const cases = shareCases(team, splitItems(matrix, learners.slice(0, SPREAD_CASES), seed), unit);
  const judged = { ...models, cases, items: shared.items, targets: undefined };
  return mixOf(share, await spreadsOf(team, judged));
}

/** Learns factors, of a sample of the users where the factors of all would take too much. */
async function learnBlended(
  team: Team,
  settings: FactorSettings,
  task: LearnTask,
  before: Factors | undefined,
): Promise<Factors> {
  const { shared, matrix, learners, unit, seed, onProgress } = task;
  const step = Math.ceil((learners.length * settings.dimensions) / task.maxUserFactors);
  // Spread over all: the first are the oldest users.
  const some = learners.filter((_, index) => index % step === 0);
  const from = step <= 1 ? shared : shareMatrix(team.arena, selectUsers(matrix, some), unit);
  return learnFactors(team, from, settings, {
    seed,
    from: before,
    onProgress: (done) => onProgress(0.3 + 0.6 * done),
  });
}

/**
 * Learns a ridge.
 * @param to Where the weights are put, in their final form.
 */
async function learnSparse(
  team: Team,
  matrix: SharedMatrix,
  settings: RidgeSettings,
  to: Arena,
): Promise<Weights> {
  const { neighbours, damping, weighting } = settings;
  const nearest = await findNeighbours(team, matrix, { limit: neighbours, damping });
  const equations = await prepareEquations(team, matrix, weighting);
  const [weights] = await solveRidges(team, matrix, nearest, equations, [settings]);
  return bySource(team.arena, matrix.items, nearest, weights as number, neighbours, to);
}

/** The inverse of the mean strength, so that settings mean the same whatever it is. */
function unitOf({ strengths }: Matrix): number {
  let sum = 0;
  for (const strength of strengths) sum += strength;
  return sum > 0 ? strengths.length / sum : 1;
}

function withoutRows(matrix: Matrix, without: readonly Uint32Array[]): Uint32Array {
  const isOut = new Uint8Array(userCount(matrix));
  for (const rows of without) for (const row of rows) isOut[row] = 1;
  return Uint32Array.from(isOut, (_, row) => row).filter((row) => isOut[row] === 0);
}
