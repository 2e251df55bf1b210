import { padded } from "../kernels/arena.ts";
import { meanQuality } from "../metrics.ts";
import { learnFactors, type Factors, type FactorSettings } from "./factors.ts";
import { judgeModels, mixOf, spreadsOf, type Mix } from "./judging.ts";
import type { OnProgress } from "./team.ts";
import { beats, marksOf, type Marks, type Trial } from "./trial.ts";
import type { Weights } from "./weights.ts";

/**
 * What is used where there is too little to choose by. Little data is soon learned
 * by heart, so that fewer iterations and more weight on what is unobserved are safer.
 */
const USUAL: FactorSettings = {
  dimensions: 64,
  unobserved: 300,
  penalty: 0.006,
  iterations: 4,
};
/** Where the search begins. */
const START: FactorSettings = { ...USUAL, unobserved: 100, iterations: 8 };
/** Factors that begin with others of nearly the same settings need no more iterations. */
const NEXT_ITERATIONS = 2;
/** And no more than these when half of the dimensions are new, */
const WIDER_ITERATIONS = 5;
/** or half of them are left out, */
const NARROWER_ITERATIONS = 3;
/** or the users are others. */
const FINAL_ITERATIONS = 3;

/** The shares that are tried in the end. */
const SHARES = [0, 0.15, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9];
/** The shares that each of many factorizations is tried with. */
const FEW_SHARES = [0.5, 0.7, 0.85];
/** How many factorizations are tried at most while looking for penalties. */
const MAX_TRIES = 12;
/**
 * A step must be better by so many standard errors: more than other changes, since
 * what is tried has gone through more iterations than what it is compared with.
 */
const STEP_GAIN = 0.5;

/** The steps that are tried: powers of 3 of what is unobserved, powers of 2 of the penalty. */
const STEPS = [
  [-1, 0],
  [1, 0],
  [0, 1],
  [0, -1],
] as const;

/** Factors that were chosen. */
export interface ChosenFactors {
  /** What to learn them with from all users, beginning with those of the trial. */
  readonly settings: FactorSettings;
  /** How much of a score comes from them: see {@link mixOf}. */
  readonly share: number;
  /**
   * What that share is, by how far scores spread for viewers of whom nothing was
   * learned: for those who were learned from, they spread otherwise.
   */
  readonly mix: Mix;
  /** What was learned from the users of the trial. */
  readonly factors: Factors;
}

/** The settings of factors that nothing is known of, with at most so many dimensions. */
export function usualFactors(largest: number): FactorSettings {
  return { ...USUAL, dimensions: Math.min(largest, USUAL.dimensions) };
}

/**
 * Chooses the settings of factors, and their share, by what they add to a ridge.
 * @param room The most dimensions there may be, and a pointer to where the chosen
 * factors are left: a row of so many dimensions for each item, padded.
 */
export async function searchFactors(
  trial: Trial,
  sparse: Weights,
  room: { readonly largest: number; readonly kept: number },
  onProgress: OnProgress,
): Promise<ChosenFactors> {
  const search = new FactorSearch(trial, sparse, room.kept);
  const start = { ...START, dimensions: Math.min(room.largest, START.dimensions) };
  await search.begin(start, FEW_SHARES);
  // Uphill, one setting after the other, until no step is one up.
  const tried = new Set(["0,0"]);
  let [unobserved, penalty, direction, failures] = [0, 0, 0, 0];
  while (failures < STEPS.length && tried.size < MAX_TRIES) {
    const [more, stronger] = STEPS[direction] as (typeof STEPS)[number];
    const place = `${unobserved + more},${penalty + stronger}`;
    const next: FactorSettings = {
      ...start,
      iterations: NEXT_ITERATIONS,
      unobserved: start.unobserved * 3 ** (unobserved + more),
      penalty: start.penalty * 2 ** (penalty + stronger),
    };
    if (!tried.has(place) && (await search.improve(next, FEW_SHARES, STEP_GAIN))) {
      unobserved += more;
      penalty += stronger;
      failures = 0;
    } else {
      direction = (direction + 1) % STEPS.length;
      failures++;
    }
    tried.add(place);
    onProgress((0.8 * tried.size) / MAX_TRIES);
  }
  const sized = (dimensions: number, iterations: number): FactorSettings => ({
    ...search.best.settings,
    dimensions: Math.min(room.largest, dimensions),
    iterations,
  });
  const { dimensions } = start;
  await search.begin(sized(2 * dimensions, WIDER_ITERATIONS), SHARES);
  onProgress(0.9);
  for (const fewer of [dimensions, dimensions / 2]) {
    const narrower = sized(fewer, NARROWER_ITERATIONS);
    if (fewer % 4 !== 0 || !(await search.improve(narrower, SHARES))) break;
  }
  onProgress(1);
  const { settings, share, mix, factors } = search.best;
  return { settings: { ...settings, iterations: FINAL_ITERATIONS }, share, mix, factors };
}

/** What was the best so far. */
interface Best extends ChosenFactors {
  readonly marks: Marks;
}

/** Tries factors, each beginning with the best so far, and keeps the best. */
class FactorSearch {
  readonly #trial: Trial;
  readonly #sparse: Weights;
  readonly #kept: number;
  #best: Best | undefined;

  constructor(trial: Trial, sparse: Weights, kept: number) {
    this.#trial = trial;
    this.#sparse = sparse;
    this.#kept = kept;
  }

  /** @throws TypeError before any were tried. */
  get best(): Best {
    if (this.#best === undefined) throw new TypeError("no factors were tried yet");
    return this.#best;
  }

  /** Learns factors that others are to be better than. */
  async begin(settings: FactorSettings, shares: readonly number[]): Promise<void> {
    await this.#learn(settings, shares, () => true);
  }

  /**
   * Learns factors, and keeps them where they are better; returns whether they are.
   * @param errors By how many standard errors they must be.
   */
  improve(settings: FactorSettings, shares: readonly number[], errors?: number): Promise<boolean> {
    return this.#learn(settings, shares, (marks) => beats(marks, this.best.marks, errors));
  }

  async #learn(
    settings: FactorSettings,
    shares: readonly number[],
    isBetter: (marks: Marks) => boolean,
  ): Promise<boolean> {
    const { team, matrix, seed } = this.#trial;
    const { end } = team.arena;
    const from = this.#best?.factors;
    const factors = await learnFactors(team, matrix, settings, { seed, from });
    const { share, mix, marks } = await this.#judge(factors, shares);
    const isKept = isBetter(marks);
    if (isKept) this.#best = { settings, share, mix, marks, factors: this.#keep(factors) };
    team.arena.release(end);
    return isKept;
  }

  /** The share with which the marks are best on average, what it is, and those marks. */
  async #judge(
    factors: Factors,
    shares: readonly number[],
  ): Promise<Pick<Best, "share" | "mix" | "marks">> {
    const { team, matrix, cases, targets } = this.#trial;
    const models = { cases, items: matrix.items, sparse: this.#sparse, factors, targets };
    const spreads = await spreadsOf(team, models);
    const mixes = shares.map((share) => mixOf(share, spreads));
    const qualities = await judgeModels(team, { ...models, mixes });
    const all = qualities.map((judged, index) => {
      const [share, mix] = [shares[index] as number, mixes[index] as Mix];
      return { share, mix, marks: marksOf(judged), mean: meanQuality(judged).ndcgAt100 };
    });
    return all.reduce((best, one) => (one.mean > best.mean ? one : best));
  }

  #keep(factors: Factors): Factors {
    const { arena } = this.#trial.team;
    const length = padded(this.#trial.matrix.items) * factors.dimensions;
    arena.f32(this.#kept, length).set(arena.f32(factors.items, length));
    return { ...factors, items: this.#kept };
  }
}
