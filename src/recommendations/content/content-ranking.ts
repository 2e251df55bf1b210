import type { Items } from "../items.ts";
import type { WeightedVideo } from "../model/model.ts";
import { ContentIndex } from "./content-index.ts";
import type { Content } from "./features.ts";
import { Newcomers } from "./newcomers.ts";
import { Profile, type Search } from "./profile.ts";

/**
 * How much a dislike counts of what a like of the same weight does: as little as
 * for the model, see blended-model.ts.
 */
const DISLIKE = 0.1;
/** How much what everybody likes counts, as a cosine: as much as one of several categories in common. */
const POPULARITY = 0.1;

/** What to rank; the limit and what may be in. */
export type ContentSearch = Pick<Search, "limit" | "accepts" | "factor"> & {
  /** How popular an item is, from 0 to 1. */
  readonly popularity: (item: number) => number;
};

/**
 * Ranks the items of a project by what they say of themselves: their creators,
 * categories, titles and descriptions. It follows the catalog, and knows no
 * viewer but for the moment of a call.
 */
export class ContentRanking {
  readonly newcomers: Newcomers;
  readonly #items: Items;
  readonly #index = new ContentIndex();
  readonly #profile = new Profile(this.#index);

  constructor(items: Items) {
    this.#items = items;
    this.newcomers = new Newcomers(items, this.#index, this.#profile);
  }

  /** An item is new, or says something else of itself. */
  upsert(item: number, content: Content): void {
    this.#index.upsert(item, content);
    this.newcomers.changed(item);
  }

  /** The catalog does not have an item any more; -1 is none. */
  remove(item: number): void {
    this.#index.remove(item);
    this.newcomers.changed(item);
  }

  /**
   * Visits the items that are most like what somebody likes, best first: the sum
   * over the likes of weight × (cosine + popularity).
   */
  recommend(
    likes: readonly WeightedVideo[],
    search: ContentSearch,
    visit: (item: number, score: number) => void,
  ): void {
    const { popularity, ...bounds } = search;
    this.#profile.begin();
    let share = 0;
    for (const { video, weight } of likes) {
      const item = this.#items.indexOfVideo(video);
      if (!this.#index.has(item)) continue;
      this.#profile.add(item, weight > 0 ? weight : DISLIKE * weight);
      share += POPULARITY * Math.max(0, weight);
    }
    if (share === 0) return;
    const prior = (item: number): number => share * popularity(item);
    this.#profile.best({ ...bounds, prior }, visit);
  }

  /**
   * Why an item was recommended: the index of the like without which its score
   * would be lower by most; -1 if there is none.
   */
  because(item: number, likes: readonly WeightedVideo[]): number {
    let [best, highest] = [-1, 0];
    for (const [index, contribution] of this.contributions(item, likes).entries()) {
      if (contribution > highest) [best, highest] = [index, contribution];
    }
    return best;
  }

  /** What each of the likes that speak for an item adds to its score, in their order; 0 for the others. */
  contributions(item: number, likes: readonly WeightedVideo[]): Float64Array {
    this.#profile.begin();
    this.#profile.add(item, 1);
    return Float64Array.from(likes, ({ video, weight }) => {
      const other = this.#items.indexOfVideo(video);
      if (weight <= 0 || other === item || !this.#index.has(other)) return 0;
      return weight * this.#profile.scoreOf(other);
    });
  }

  /** Visits the items whose content is most similar to that of one, most similar first; from 0 to 1. */
  similar(
    item: number,
    { limit, accepts }: Pick<Search, "limit" | "accepts">,
    visit: (item: number, similarity: number) => void,
  ): void {
    this.#profile.begin();
    this.#profile.add(item, 1);
    const others = { limit, accepts: (other: number) => other !== item && accepts(other) };
    this.#profile.best(others, (other, similarity) => visit(other, Math.min(1, similarity)));
  }
}
