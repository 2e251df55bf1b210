import type { Items } from "./items.ts";
import type { Model } from "./model/model.ts";
import type { Scored } from "./sources.ts";

/** So many places are chosen to be different; those after them go by score. */
const MAX_PLACES = 200;
/** From how many candidates these are chosen: at least so many, and at most so many more. */
const MIN_POOL = 100;
const MAX_SPARE = 500;

/** How many candidates there are to be for an answer of `limit` items. */
export function poolSize(limit: number): number {
  return Math.max(MIN_POOL, Math.min(5 * limit, limit + MAX_SPARE));
}

/**
 * Orders candidates, best first, so that each is good and not like those before
 * it: maximal marginal relevance (Carbonell & Goldstein 1998). With s the scores
 * over the highest one and d the diversity from 0 to 1, the next is always the
 * one with the largest
 *
 *     (1 − d) s_i − d max_j similarity(i, j)
 *
 * over the j chosen so far; of equals the one with the higher score. Those after
 * the first `limit`, and after the first 200, follow by their scores. Takes time for
 * each place times each candidate.
 */
export function diversified<C extends Scored>(
  candidates: readonly C[],
  { limit, diversity }: { readonly limit: number; readonly diversity: number },
  similarity: Similarity,
): C[] {
  const top = candidates[0]?.score ?? 1;
  const places = new Map(candidates.map(({ index }, place) => [index, place]));
  /** How alike each candidate is to the chosen one that it is most alike to. */
  const redundancy = new Float64Array(candidates.length);
  const isChosen = new Uint8Array(candidates.length);
  const chosen: C[] = [];
  const count = Math.min(limit, MAX_PLACES, candidates.length);
  while (chosen.length < count) {
    let best = -1;
    let bestValue = -Infinity;
    for (let place = 0; place < candidates.length; place++) {
      if (isChosen[place] !== 0) continue;
      const relevance = (candidates[place] as C).score / top;
      const value = (1 - diversity) * relevance - diversity * (redundancy[place] as number);
      if (value > bestValue) [best, bestValue] = [place, value];
    }
    const next = candidates[best] as C;
    isChosen[best] = 1;
    chosen.push(next);
    similarity.visitLike(next.index, candidates, places, (place, alike) => {
      redundancy[place] = Math.max(redundancy[place] as number, alike);
    });
  }
  return [...chosen, ...candidates.filter((_, place) => isChosen[place] === 0)];
}

/**
 * How alike two items are, from 0 to 1: what the model says (the cosine of those
 * who like them), or what the catalog says if that is more: half of it for a
 * creator in common, half for the cosine of their categories.
 */
export class Similarity {
  readonly #items: Items;
  readonly #model: Model | undefined;

  constructor(items: Items, model: Model | undefined) {
    this.#items = items;
    this.#model = model;
  }

  /**
   * Visits those of some candidates that are like an item, by their places; some
   * of them twice.
   *
   * @param places The place of each candidate, by its index.
   */
  visitLike(
    index: number,
    candidates: readonly Scored[],
    places: ReadonlyMap<number, number>,
    visit: (place: number, alike: number) => void,
  ): void {
    const items = this.#items;
    this.#model?.similar(items.video(index), (video, alike) => {
      const place = places.get(items.indexOfVideo(video));
      if (place !== undefined) visit(place, alike);
    });
    const categories = items.categoriesOf(index);
    const creators = items.creatorsOf(index);
    if (categories.length === 0 && creators.length === 0) return;
    for (let place = 0; place < candidates.length; place++) {
      const other = (candidates[place] as Scored).index;
      const others = items.categoriesOf(other);
      const common = commonOf(categories, others);
      const cosine = common === 0 ? 0 : common / Math.sqrt(categories.length * others.length);
      const made = commonOf(creators, items.creatorsOf(other)) > 0 ? 1 : 0;
      if (cosine + made > 0) visit(place, (cosine + made) / 2);
    }
  }
}

/** How many elements two short lists have in common. */
function commonOf(a: readonly number[], b: readonly number[]): number {
  let common = 0;
  for (let at = 0; at < a.length; at++) if (b.includes(a[at] as number)) common++;
  return common;
}
