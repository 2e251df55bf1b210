import type { Boosts } from "./boosts.ts";
import type { Items } from "./items.ts";
import type { Model } from "./model/model.ts";
import type { Selection } from "./selection.ts";
import { reasonOf, type Like } from "./taste.ts";
import { TopN } from "./top-n.ts";
import type { Trending } from "./trending.ts";

/** What is asked for, and all that an answer is made from. Good until the call awaits something. */
export interface Question {
  readonly items: Items;
  /** What may be recommended. */
  readonly selection: Selection;
  readonly trending: Trending;
  /** Undefined before the first training. */
  readonly model: Model | undefined;
  /** What speaks for and against items; empty for a stranger. */
  readonly likes: readonly Like[];
  readonly boosts: Boosts;
  /** The category asked for; "" for all. */
  readonly category: string;
}

/** An item by its index, and how well it fits: higher is better. */
export interface Scored {
  readonly index: number;
  readonly score: number;
}

/** What an item owes to one of the things that speak for it. */
interface Share {
  /** The index of that thing. */
  readonly index: number;
  /** Its part of all that speaks for the item. */
  readonly share: number;
}

/** Why an item is recommended. */
export interface Explanation {
  readonly reason: string;
  readonly contributions: readonly Share[];
}

/** Where candidates come from. */
export interface Source {
  /** The best of those that the selection has, at most `limit`, best first. */
  find(question: Question, limit: number): Scored[];
  /** Why one of those that it found last is there; with contributions, if they are wanted. */
  explain(question: Question, index: number, withContributions: boolean): Explanation;
}

/** How many contributions are told. */
const MAX_CONTRIBUTIONS = 10;

/** What the model says that fits to what somebody likes. Its scores are above 0. */
export const personal: Source = {
  find({ model, items, selection, boosts, likes }, limit) {
    const best = new TopN(limit);
    model?.score(likes, (video, score) => {
      const index = items.indexOfVideo(video);
      if (index >= 0) {
        const boosted = score * boosts.of(index);
        if (best.takes(index, boosted) && selection.has(index)) best.push(index, boosted);
      }
      // What would not get in with the highest of the boosts need not be shown.
      return best.bar / boosts.most;
    });
    return drained(best);
  },

  explain({ model, items, likes }, index, withContributions) {
    const video = items.video(index);
    if (model === undefined) return { reason: reasonFor(items, undefined), contributions: [] };
    if (!withContributions) {
      const like = likes[model.because(video)];
      return { reason: reasonFor(items, like), contributions: [] };
    }
    const speaking = [...model.contributions(video)]
      .map((amount, place) => ({ amount, like: likes[place] as Like }))
      // Nothing is recommended because of itself.
      .filter(({ amount, like }) => amount > 0 && like.video !== video)
      .toSorted((a, b) => b.amount - a.amount);
    const all = speaking.reduce((sum, { amount }) => sum + amount, 0);
    const [loudest] = speaking;
    return {
      reason: reasonFor(items, loudest?.like),
      contributions: speaking.slice(0, MAX_CONTRIBUTIONS).map(({ amount, like }) => ({
        index: items.indexOfVideo(like.video),
        share: amount / all,
      })),
    };
  },
};

/** Where nothing speaks for an item but itself, or all together only, that is all there is to say. */
function reasonFor(items: Items, like: Like | undefined): string {
  return like === undefined ? "Fits what you like" : reasonOf(items, like);
}

/** What is viewed and liked most these days; then what nobody has viewed yet. */
export const popular: Source = {
  find({ items, selection, trending, boosts }, limit) {
    return drained(trendingItems(items, trending, selection, { limit, viewedOnly: false, boosts }));
  },

  explain({ items, trending, category }, index) {
    const viewed = trending.rank(items.video(index)) > -Infinity;
    const viewedReason = category === "" ? "Trending now" : `Trending in ${category}`;
    const newReason = `New in ${category === "" ? "the catalog" : category}`;
    return { reason: viewed ? viewedReason : newReason, contributions: [] };
  },
};

/** What is little known, whatever it is: what was drawn by chance. */
export const chance: Pick<Source, "explain"> = {
  explain(question, index) {
    const { items, trending } = question;
    if (trending.rank(items.video(index)) === -Infinity) {
      return popular.explain(question, index, false);
    }
    return { reason: "Little known so far", contributions: [] };
  },
};

/** Below the rank of all that anybody viewed: log2 of the smallest weight there can be is above it. */
const UNVIEWED = -1e6;

/**
 * What is viewed and liked most, at most `limit`; then what nobody has viewed
 * yet, unless `viewedOnly`. Looks at each item once.
 */
export function trendingItems(
  items: Items,
  trending: Trending,
  selection: Selection,
  options: { limit: number; viewedOnly: boolean; boosts?: Boosts },
): TopN {
  const { limit, viewedOnly, boosts } = options;
  const best = new TopN(limit);
  for (let index = 0; index < items.size; index++) {
    let rank = trending.rank(items.video(index));
    if (rank === -Infinity) {
      if (viewedOnly) continue;
      rank = UNVIEWED;
    }
    // Ranks are logarithms of weights: this multiplies the weight.
    if (boosts !== undefined) rank += Math.log2(boosts.of(index));
    if (best.takes(index, rank) && selection.has(index)) best.push(index, rank);
  }
  return best;
}

/** What is in it, best first. */
function drained(best: TopN): Scored[] {
  const scored: Scored[] = [];
  best.drain((index, score) => scored.push({ index, score }));
  return scored.toReversed();
}
