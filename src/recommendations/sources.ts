import type { Boosts } from "./boosts.ts";
import type { ContentRanking } from "./content/content-ranking.ts";
import type { Items } from "./items.ts";
import type { Model } from "./model/model.ts";
import type { Selection } from "./selection.ts";
import { reasonOf, type Like } from "./taste.ts";
import { TopN } from "./top-n.ts";
import { HALF_LIFE_MS, type Trending } from "./trending.ts";

/** What is asked for, and all that an answer is made from. Good until the call awaits something. */
export interface Question {
  readonly items: Items;
  /** What the items say of themselves. */
  readonly content: ContentRanking;
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
  /** Why those that it found last, or some of them, are there; with contributions, if they are wanted. */
  explain(
    question: Question,
    indexes: readonly number[],
    withContributions: boolean,
  ): Explanation[];
}

/** How many contributions are told. */
const MAX_CONTRIBUTIONS = 10;

/**
 * What the model says that fits to what somebody likes; what it knows too little of
 * by its content, on the same scale. The scores are above 0.
 */
export const personal: Source = {
  find({ model, items, content: { newcomers }, selection, boosts, likes }, limit) {
    if (model === undefined) return [];
    const best = new TopN(limit);
    // What would not get in with the highest of the boosts need not be shown.
    const push = (index: number, score: number): number => {
      best.push(index, score * boosts.of(index));
      return best.bar / boosts.most;
    };
    model.score(
      newcomers.standIns(likes),
      (video, score) => push(items.indexOfVideo(video), score),
      (video) => {
        const index = items.indexOfVideo(video);
        return index >= 0 && selection.has(index) && !newcomers.has(index);
      },
    );
    newcomers.score(best.bar / boosts.most, push, (index) => selection.has(index));
    return drained(best);
  },

  explain({ model, items, content: { newcomers }, likes }, indexes, withContributions) {
    const none = { reason: reasonFor(items, undefined), contributions: [] };
    if (model === undefined) return indexes.map(() => none);
    const mixtures = indexes.map((index) => newcomers.mixtureOf(index));
    if (withContributions) {
      return mixtures.map((mixture, place) => {
        const amounts = model.contributions(mixture);
        return explanationBy(items, likes, amounts, indexes[place] as number);
      });
    }
    // Nothing is recommended because of itself.
    const except = indexes.map((index) => placeOf(items, likes, index));
    return model
      .because(mixtures, except)
      .map((place) => ({ reason: reasonFor(items, likes[place]), contributions: [] }));
  },
};

/** Where among the likes an item itself is; -1 if nowhere. */
function placeOf(items: Items, likes: readonly Like[], index: number): number {
  const video = items.video(index);
  return likes.findIndex((like) => like.video === video);
}

/** Explains an item by what each of the likes adds to its score. */
function explanationBy(
  items: Items,
  likes: readonly Like[],
  amounts: Float64Array,
  index: number,
): Explanation {
  const itself = placeOf(items, likes, index);
  const speaking = [...amounts]
    .map((amount, place) => ({ amount, place, like: likes[place] as Like }))
    .filter(({ amount, place }) => amount > 0 && place !== itself)
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
}

/** Where nothing speaks for an item but itself, or all together only, that is all there is to say. */
function reasonFor(items: Items, like: Like | undefined): string {
  return like === undefined ? "Fits what you like" : reasonOf(items, like);
}

/** The binary logarithms of the trending weights at which popularity is 0, and 1. */
const POPULARITY = { none: -4, most: 16 };

/** What is most like what somebody likes by its content, and popular. */
export const alike: Source = {
  find({ items, content, trending, selection, boosts, likes }, limit) {
    const now = Date.now() / HALF_LIFE_MS;
    const popularity = (index: number): number => {
      const logarithm = trending.rank(items.video(index)) - now;
      const share = (logarithm - POPULARITY.none) / (POPULARITY.most - POPULARITY.none);
      return Math.min(1, Math.max(0, share));
    };
    const accepts = (index: number): boolean => selection.has(index);
    const factor = (index: number): number => boosts.of(index);
    const scored: Scored[] = [];
    content.recommend(likes, { limit, accepts, popularity, factor }, (index, score) => {
      // Something of theirs may be there for no other reason than itself.
      if (content.because(index, likes) >= 0) scored.push({ index, score });
    });
    return scored;
  },

  explain({ items, content, likes }, indexes, withContributions) {
    return indexes.map((index) => {
      const amounts = content.contributions(index, likes);
      const explanation = explanationBy(items, likes, amounts, index);
      return withContributions ? explanation : { ...explanation, contributions: [] };
    });
  },
};

/** What is viewed and liked most these days; then what nobody has viewed yet. */
export const popular: Source = {
  find({ items, selection, trending, boosts }, limit) {
    return drained(trendingItems(items, trending, selection, { limit, viewedOnly: false, boosts }));
  },

  explain({ items, trending, category }, indexes) {
    const viewedReason = category === "" ? "Trending now" : `Trending in ${category}`;
    const newReason = `New in ${category === "" ? "the catalog" : category}`;
    return indexes.map((index) => {
      const isViewed = trending.rank(items.video(index)) > -Infinity;
      return { reason: isViewed ? viewedReason : newReason, contributions: [] };
    });
  },
};

/** What is little known, whatever it is: what was drawn by chance. */
export const chance: Pick<Source, "explain"> = {
  explain(question, indexes) {
    const { items, trending } = question;
    return popular
      .explain(question, indexes, false)
      .map((explanation, place) =>
        trending.rank(items.video(indexes[place] as number)) === -Infinity
          ? explanation
          : { reason: "Little known so far", contributions: [] },
      );
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
