import { availableParallelism } from "node:os";
import { padded } from "../kernels/arena.ts";
import { groupUsers, splitItems } from "../held-out.ts";
import { selectUsers, userCount, type Interactions, type Matrix } from "../matrix.ts";
import type { ModelParts } from "../model-file.ts";
import { learnFactors } from "./factors.ts";
import { shareCases, spreadsOf } from "./judging.ts";
import { findNeighbours } from "./neighbours.ts";
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
import { Team, type OnProgress } from "./team.ts";
import { bySource, type Weights } from "./weights.ts";

/** What a model is made of, but for what it was learned from. */
export type Learned = Omit<ModelParts, "info" | "counts">;

export interface LearnOptions {
  /** The same seed and interactions make the same model, whatever the number of threads. */
  readonly seed: number;
  /** Default: as many as the machine can run at once. */
  readonly threads?: number;
  /** Told of the choice of the settings. */
  readonly onSearch?: OnProgress;
  /** Told of the learning that follows it. */
  readonly onProgress?: OnProgress;
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
/** Above so many items the search is too costly; the usual settings do. */
const MAX_SEARCHED_ITEMS = 200_000;

/**
 * Learns a model from interactions, but for those of the judges: chooses the
 * settings by how well they rank what held-out users like, then learns from all.
 */
export async function learn(
  { matrix, videos, users }: Interactions,
  options: LearnOptions,
): Promise<Learned> {
  const { seed, threads = availableParallelism() } = options;
  const { onSearch = () => {}, onProgress = () => {} } = options;
  const { judges, tuners, others } = groupUsers(matrix, users, seed);
  const team = new Team(Math.max(1, threads));
  try {
    const unit = unitOf(matrix);
    const search = await searchIn(team, { matrix, tuners, others, unit, seed, onSearch });
    const learners = withoutRows(matrix, judges);
    const shared = shareMatrix(team.arena, selectUsers(matrix, learners), unit);
    return await learnWith(team, search, {
      shared,
      matrix,
      videos,
      learners,
      unit,
      seed,
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
    readonly seed: number;
    readonly onSearch: OnProgress;
  },
): Promise<Settings> {
  const { matrix, tuners, others, unit, seed, onSearch } = task;
  const largest = largestDimensions(matrix);
  const usual = { ridge: RIDGE, factors: largest > 0 ? startingAt(largest) : undefined };
  if (tuners.length < MIN_TUNERS || matrix.items > MAX_SEARCHED_ITEMS) {
    return { ...usual, share: SHARE };
  }
  const { end } = team.arena;
  const share = Math.min(1, SEARCHED / Math.max(1, matrix.columns.length));
  const learners = others.slice(0, Math.ceil(others.length * share));
  const trial: Trial = {
    team,
    matrix: shareMatrix(team.arena, selectUsers(matrix, learners), unit),
    cases: shareCases(team, splitItems(matrix, tuners, seed), unit),
    seed,
  };
  const ridge = await searchRidge(trial, (done) => onSearch(done / 2));
  let chosen: Pick<Settings, "factors" | "share"> = { factors: undefined, share: 0 };
  if (largest > 0) {
    const sparse = await learnSparse(team, trial.matrix, ridge);
    chosen = await searchFactors(trial, sparse, largest, (done) => onSearch((1 + done) / 2));
  }
  team.arena.release(end);
  onSearch(1);
  return { ridge, ...chosen };
}

async function learnWith(
  team: Team,
  settings: Settings,
  task: {
    readonly shared: SharedMatrix;
    readonly matrix: Matrix;
    readonly videos: Uint32Array;
    readonly learners: Uint32Array;
    readonly unit: number;
    readonly seed: number;
    readonly onProgress: OnProgress;
  },
): Promise<Learned> {
  const { arena } = team;
  const { shared, videos, unit, seed, onProgress } = task;
  const sparse = await learnSparse(team, shared, settings.ridge);
  onProgress(settings.factors === undefined ? 0.9 : 0.3);
  const factors =
    settings.factors === undefined || settings.share === 0
      ? undefined
      : await learnFactors(team, shared, settings.factors, seed, (done) =>
          onProgress(0.3 + 0.6 * done),
        );
  let mix = { sparse: 1, factors: 0 };
  if (factors !== undefined) {
    // How far scores spread: of some of those it was learned from, which is enough.
    const some = task.learners.slice(0, SPREAD_USERS);
    const cases = shareCases(team, splitItems(task.matrix, some, seed), unit);
    const spreads = await spreadsOf(team, { cases, items: shared.items, sparse, factors });
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
    factors: arena.f32(factors?.items ?? 0, rows),
    base: Float32Array.from(factors?.base ?? []),
  };
}

/** So many users tell how far scores spread. */
const SPREAD_USERS = 200;

async function learnSparse(
  team: Team,
  matrix: SharedMatrix,
  settings: RidgeSettings,
): Promise<Weights> {
  const { neighbours, damping, weighting } = settings;
  const nearest = await findNeighbours(team, matrix, { limit: neighbours, damping });
  const equations = await prepareEquations(team, matrix, weighting);
  const [weights] = await solveRidges(team, matrix, nearest, equations, [settings]);
  return bySource(team.arena, matrix.items, nearest, weights as number, neighbours);
}

/** The inverse of the mean strength, so that settings mean the same whatever it is. */
function unitOf({ strengths }: Matrix): number {
  let sum = 0;
  for (const strength of strengths) sum += strength;
  return sum > 0 ? strengths.length / sum : 1;
}

function withoutRows(matrix: Matrix, without: Uint32Array): Uint32Array {
  const out = new Set(without);
  const all = Uint32Array.from({ length: userCount(matrix) }, (_, row) => row);
  return all.filter((row) => !out.has(row));
}

/** The most dimensions that so little data bears; 0 for none. */
function largestDimensions(matrix: Matrix): number {
  const least = Math.min(matrix.items, userCount(matrix));
  if (matrix.items > MAX_FACTOR_ITEMS || least < MIN_FOR_FACTORS) return 0;
  return Math.min(MAX_DIMENSIONS, 4 * Math.floor(least / 8));
}
