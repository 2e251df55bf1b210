/** How well one viewer's hidden items were ranked: each from 0 to 1. */
export interface Quality {
  readonly recallAt20: number;
  readonly ndcgAt10: number;
  readonly ndcgAt100: number;
}

/** So many places of a ranking are looked at. */
export const RANKED = 100;

/** The quality of a ranking, best first, for who hides these, at least one. */
export function qualityOf(ranking: readonly number[], hidden: ReadonlySet<number>): Quality {
  return {
    recallAt20: recallAt(20, ranking, hidden),
    ndcgAt10: ndcgAt(10, ranking, hidden),
    ndcgAt100: ndcgAt(100, ranking, hidden),
  };
}

/** The share of what is hidden among the first k, where at most k can be. */
export function recallAt(
  k: number,
  ranking: readonly number[],
  hidden: ReadonlySet<number>,
): number {
  const hits = ranking.slice(0, k).filter((item) => hidden.has(item)).length;
  return hits / Math.min(k, hidden.size);
}

/** The normalized discounted cumulative gain of the first k, with binary relevance. */
export function ndcgAt(k: number, ranking: readonly number[], hidden: ReadonlySet<number>): number {
  let gain = 0;
  let ideal = 0;
  for (let place = 0; place < k; place++) {
    const discount = 1 / Math.log2(place + 2);
    if (place < hidden.size) ideal += discount;
    const item = ranking[place];
    if (item !== undefined && hidden.has(item)) gain += discount;
  }
  return gain / ideal;
}

/** The mean of some. @throws RangeError of none. */
export function meanQuality(qualities: readonly Quality[]): Quality {
  if (qualities.length === 0) throw new RangeError("there is nothing to take the mean of");
  const mean = (of: (quality: Quality) => number): number =>
    qualities.reduce((sum, quality) => sum + of(quality), 0) / qualities.length;
  return {
    recallAt20: mean((quality) => quality.recallAt20),
    ndcgAt10: mean((quality) => quality.ndcgAt10),
    ndcgAt100: mean((quality) => quality.ndcgAt100),
  };
}

/** The mean of the differences, and its standard error. */
export function meanDifference(
  a: readonly number[],
  b: readonly number[],
): { readonly mean: number; readonly error: number } {
  const count = a.length;
  const differences = a.map((value, index) => value - (b[index] as number));
  const mean = differences.reduce((sum, one) => sum + one, 0) / count;
  const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / Math.max(1, count - 1) / count) };
}

/** From so many viewers on a difference can be clear. */
const MIN_VIEWERS = 30;
/** So many standard errors make it clear. */
const CLEAR_ERRORS = 3;
/** What is lost less than this share is kept: the newer model knows more. */
const TOLERATED = 0.05;

/**
 * Whether a model is clearly worse than the one it would replace: it loses more
 * than a twentieth of the other's NDCG@100, by more than three standard errors of
 * the difference, over the same viewers in the same order, at least 30 of them.
 * None of the two may have been learned from these viewers.
 */
export function isClearlyWorse(model: readonly Quality[], replaced: readonly Quality[]): boolean {
  if (model.length < MIN_VIEWERS || model.length !== replaced.length) return false;
  const before = replaced.map((quality) => quality.ndcgAt100);
  const loss = meanDifference(
    before,
    model.map((quality) => quality.ndcgAt100),
  );
  const mean = before.reduce((sum, one) => sum + one, 0) / before.length;
  return loss.mean > TOLERATED * mean && loss.mean > CLEAR_ERRORS * loss.error;
}
