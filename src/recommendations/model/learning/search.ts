import { padded } from "../kernels/arena.ts";
import { splitItems } from "../held-out.ts";
import { selectColumns, selectUsers, userCount, type Matrix } from "../matrix.ts";
import type { FactorSettings } from "./factors.ts";
import { shareCases } from "./judging.ts";
import type { Targets } from "./neighbours.ts";
import type { RidgeSettings } from "./ridge.ts";
import { searchFactors, usualFactors, type ChosenFactors } from "./search-factors.ts";
import { RIDGE, searchRidge } from "./search-ridge.ts";
import { shareMatrix } from "./shared-matrix.ts";
import type { OnProgress, Team } from "./team.ts";
import type { Trial } from "./trial.ts";

/** Everything that is chosen before a model is learned. */
interface Settings {
  readonly ridge: RidgeSettings;
  /** Undefined where there are too many items for factors, or too few. */
  readonly factors: FactorSettings | undefined;
  /** How much of a score comes from the factors, when either spreads as much: from 0 to below 1. */
  readonly share: number;
}

/** What was chosen. */
export interface Chosen {
  readonly settings: Settings;
  /** Factors, where some were chosen, and what their share is. */
  readonly found: Pick<ChosenFactors, "factors" | "mix"> | undefined;
}

/** What a search is told. */
export interface SearchTask {
  readonly matrix: Matrix;
  /** The rows of the users by whom the settings are chosen. */
  readonly tuners: Uint32Array;
  /** The rows of those whom what is tried is learned from. */
  readonly others: Uint32Array;
  /** What strengths are multiplied by. */
  readonly unit: number;
  readonly seed: number;
  /** See `LearnOptions.maxTargets`. */
  readonly maxTargets?: number | undefined;
  readonly onProgress?: OnProgress | undefined;
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
/** See `LearnOptions.maxTargets`. */
const MAX_TARGETS = 25_000;
/** Above so many items the search is too costly; the usual settings do. */
const MAX_SEARCHED_ITEMS = 200_000;
/** The usual share of the factors. */
const SHARE = 0.5;

/** Chooses the settings by how well they rank what held-out users like. */
export async function search(team: Team, task: SearchTask): Promise<Chosen> {
  const { matrix, tuners, onProgress = () => {} } = task;
  const largest = largestDimensions(matrix);
  const usual: Chosen = {
    settings: {
      ridge: RIDGE,
      factors: largest > 0 ? usualFactors(largest) : undefined,
      share: SHARE,
    },
    found: undefined,
  };
  if (tuners.length < MIN_TUNERS || matrix.items > MAX_SEARCHED_ITEMS) return usual;
  const kept = team.arena.alloc(padded(matrix.items) * largest);
  const { end } = team.arena;
  const trial = trialOf(team, task);
  const chosen =
    trial.cases.given.rows < MIN_TUNERS
      ? usual
      : await searchOn(trial, { largest, kept }, onProgress);
  team.arena.release(end);
  onProgress(1);
  return chosen;
}

async function searchOn(
  trial: Trial,
  room: { readonly largest: number; readonly kept: number },
  onProgress: OnProgress,
): Promise<Chosen> {
  const { settings: ridge, weights } = await searchRidge(trial, (done) => onProgress(done / 2));
  if (room.largest === 0) {
    return { settings: { ridge, factors: undefined, share: 0 }, found: undefined };
  }
  const found = await searchFactors(trial, weights, room, (done) => onProgress((1 + done) / 2));
  return { settings: { ridge, factors: found.settings, share: found.share }, found };
}

function trialOf(team: Team, task: SearchTask): Trial {
  const { matrix, tuners, others, unit, seed, maxTargets = MAX_TARGETS } = task;
  const share = Math.min(1, SEARCHED / Math.max(1, matrix.columns.length));
  const learners = others.slice(0, Math.ceil(others.length * share));
  const targets = chooseTargets(team, matrix.items, maxTargets);
  return {
    ...{ team, targets, seed },
    matrix: shareMatrix(team.arena, selectUsers(matrix, learners), unit),
    cases: shareCases(team, hidingOnly(team, splitItems(matrix, tuners, seed), targets), unit),
  };
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

/** The most dimensions that so little data bears; 0 for none. */
function largestDimensions(matrix: Matrix): number {
  const least = Math.min(matrix.items, userCount(matrix));
  if (matrix.items > MAX_FACTOR_ITEMS || least < MIN_FOR_FACTORS) return 0;
  return Math.min(MAX_DIMENSIONS, 4 * Math.floor(least / 8));
}
