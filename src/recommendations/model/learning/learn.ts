import { availableParallelism } from "node:os";
import { Arena, padded } from "../kernels/arena.ts";
import { groupUsers, splitItems } from "../held-out.ts";
import {
  selectColumns,
  selectUsers,
  userCount,
  type Interactions,
  type Matrix,
} from "../matrix.ts";
import type { ModelParts } from "../model-file.ts";
import { learnFactors, type Factors, type FactorSettings } from "./factors.ts";
import { shareCases, spreadsOf } from "./judging.ts";
import { findNeighbours, type Targets } from "./neighbours.ts";
import { prepareEquations, solveRidges, type RidgeSettings } from "./ridge.ts";
import {
  mixOf,
  RIDGE,
  searchFactors,
  searchRidge,
  SHARE,
  startingAt,
  type Settings,
  type Trial,
} from "./search.ts";
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

/** Above so many items there are no factors: scanning them would take too long. */
const MAX_FACTOR_ITEMS = 200_000;
/** No more dimensions than this: they would cost more than they bring. */
const MAX_DIMENSIONS = 128;
/** The fewest users and items for which factors are learned. */
const MIN_FOR_FACTORS = 40;
/** With fewer viewers to choose by, the settings are the usual ones. */
const MIN_TUNERS = 20;
/** The settings are chosen on about so many interactions at most. */
const SEARCHED = 1_500_000;
/** See {@link LearnOptions.maxUserFactors}. */
const MAX_USER_FACTORS = 201_326_592;
/** See {@link LearnOptions.maxTargets}. */
const MAX_TARGETS = 25_000;
/** Above so many items the search is too costly; the usual settings do. */
const MAX_SEARCHED_ITEMS = 200_000;

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
  const { onProgress = () => {} } = options;
  const { judges, reserved, tuners, others } = groupUsers(matrix, users, seed);
  const team = new Team(Math.max(1, threads), options.onTask);
  try {
    const unit = unitOf(matrix);
    const search = await searchIn(team, { matrix, tuners, others, unit, options });
    const learners = withoutRows(matrix, [judges, reserved]);
    const shared = shareMatrix(team.arena, selectUsers(matrix, learners), unit);
    return await learnWith(team, search, {
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

async function searchIn(
  team: Team,
  task: {
    readonly matrix: Matrix;
    readonly tuners: Uint32Array;
    readonly others: Uint32Array;
    readonly unit: number;
    readonly options: LearnOptions;
  },
): Promise<Settings> {
  const { matrix, tuners, others, unit, options } = task;
  const { seed, onSearch = () => {} } = options;
  const largest = largestDimensions(matrix);
  const usual = { ridge: RIDGE, factors: largest > 0 ? startingAt(largest) : undefined };
  if (tuners.length < MIN_TUNERS || matrix.items > MAX_SEARCHED_ITEMS) {
    return { ...usual, share: SHARE };
  }
  const { end } = team.arena;
  const share = Math.min(1, SEARCHED / Math.max(1, matrix.columns.length));
  const learners = others.slice(0, Math.ceil(others.length * share));
  const targets = chooseTargets(team, matrix.items, options.maxTargets ?? MAX_TARGETS);
  const trial: Trial = {
    team,
    matrix: shareMatrix(team.arena, selectUsers(matrix, learners), unit),
    cases: shareCases(team, hidingOnly(team, splitItems(matrix, tuners, seed), targets), unit),
    targets,
    seed,
  };
  if (trial.cases.given.rows < MIN_TUNERS) {
    team.arena.release(end);
    return { ...usual, share: SHARE };
  }
  const ridge = await searchRidge(trial, (done) => onSearch(done / 2));
  let chosen: Pick<Settings, "factors" | "share"> = { factors: undefined, share: 0 };
  if (largest > 0) {
    const sparse = await learnSparse(team, trial.matrix, ridge, { targets });
    chosen = await searchFactors(trial, sparse, largest, (done) => onSearch((1 + done) / 2));
  }
  team.arena.release(end);
  onSearch(1);
  return { ridge, ...chosen };
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

async function learnWith(team: Team, settings: Settings, task: LearnTask): Promise<Learned> {
  const { shared, videos, unit, seed, onProgress } = task;
  const isBlend = settings.factors !== undefined && settings.share > 0;
  // In a memory of their own where no thread needs them: with them, that of large
  // catalogs would not be enough.
  const arena = isBlend ? team.arena : new Arena();
  const sparse = await learnSparse(team, shared, settings.ridge, { to: arena });
  onProgress(isBlend ? 0.3 : 0.9);
  const factors = isBlend ? await learnBlended(team, settings.factors, task) : undefined;
  let mix = { sparse: 1, factors: 0 };
  if (factors !== undefined) {
    // How far scores spread: of some of those it was learned from, which is enough.
    const some = task.learners.slice(0, SPREAD_USERS);
    const cases = shareCases(team, splitItems(task.matrix, some, seed), unit);
    const spreads = await spreadsOf(team, {
      ...{ cases, items: shared.items, sparse, factors },
      targets: undefined,
    });
    mix = mixOf(settings.share, spreads);
  }
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

/** So many users tell how far scores spread. */
const SPREAD_USERS = 200;

/** Learns factors, of a sample of the users where the factors of all would take too much. */
async function learnBlended(
  team: Team,
  settings: FactorSettings,
  task: LearnTask,
): Promise<Factors> {
  const { shared, matrix, learners, unit, seed, onProgress } = task;
  const step = Math.ceil((learners.length * settings.dimensions) / task.maxUserFactors);
  // Spread over all: the first are the oldest users.
  const some = learners.filter((_, index) => index % step === 0);
  const from = step <= 1 ? shared : shareMatrix(team.arena, selectUsers(matrix, some), unit);
  return learnFactors(team, from, settings, seed, (done) => onProgress(0.3 + 0.6 * done));
}

/**
 * Learns a ridge.
 * @param options Where the weights are put, in their final form, and which of them
 * there are. Default: in the memory of the team, and all.
 */
async function learnSparse(
  team: Team,
  matrix: SharedMatrix,
  settings: RidgeSettings,
  options: { readonly to?: Arena; readonly targets?: Targets | undefined },
): Promise<Weights> {
  const { to = team.arena, targets } = options;
  const { neighbours, damping, weighting } = settings;
  const nearest = await findNeighbours(team, matrix, { limit: neighbours, damping, targets });
  const equations = await prepareEquations(team, matrix, weighting);
  const [weights] = await solveRidges(team, matrix, nearest, equations, [settings], targets);
  return bySource(team.arena, matrix.items, nearest, weights as number, neighbours, to);
}

/** A sample of the items, at most so many, spread over all; undefined for all of them. */
function chooseTargets({ arena }: Team, items: number, most: number): Targets | undefined {
  const step = Math.ceil(items / most);
  if (step <= 1) return undefined;
  const count = Math.ceil(items / step);
  const pointer = arena.alloc(count);
  arena.u32(pointer, count).set(Uint32Array.from({ length: count }, (_, index) => index * step));
  return { count, items: pointer };
}

/** Those who hide some of the targets, and of what they hide only these. */
function hidingOnly(
  { arena }: Team,
  { given, hidden }: { readonly given: Matrix; readonly hidden: Matrix },
  targets: Targets | undefined,
): { readonly given: Matrix; readonly hidden: Matrix } {
  if (targets === undefined) return { given, hidden };
  const isTarget = new Uint8Array(given.items);
  for (const item of arena.u32(targets.items, targets.count)) isTarget[item] = 1;
  const wanted = selectColumns(hidden, isTarget);
  const rows = Uint32Array.from({ length: userCount(given) }, (_, row) => row).filter(
    (row) => wanted.offsets[row] !== wanted.offsets[row + 1],
  );
  return { given: selectUsers(given, rows), hidden: selectUsers(wanted, rows) };
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

/** The most dimensions that so little data bears; 0 for none. */
function largestDimensions(matrix: Matrix): number {
  const least = Math.min(matrix.items, userCount(matrix));
  if (matrix.items > MAX_FACTOR_ITEMS || least < MIN_FOR_FACTORS) return 0;
  return Math.min(MAX_DIMENSIONS, 4 * Math.floor(least / 8));
}
