import type { ContentRanking } from "./content/content-ranking.ts";
import type { Items } from "./items.ts";
import type { Model } from "./model/model.ts";
import type { Selection } from "./selection.ts";
import { isRefusal, Kind } from "./signals.ts";
import { TopN } from "./top-n.ts";
import { HALF_LIFE_MS, type Trending } from "./trending.ts";
import { HISTORY_LIMIT, type Interest, type ViewerHistory } from "./viewer-history.ts";

/** An item by its index, and why it is there. */
export interface Ranked {
  readonly index: number;
  readonly score: number;
  readonly reason: string;
}

/** Leaves out what somebody has seen, if that is wanted, and always what they refused. */
export function leaveOutHistory(
  selection: Selection,
  items: Items,
  history: ViewerHistory,
  includeSeen: boolean,
): void {
  history.forEach((video, kind) => {
    if (!includeSeen || isRefusal(kind)) selection.leaveOut(items.indexOfVideo(video));
  });
}

/** Half of the weight of what somebody did fades with this half-life: 90 days. */
const FADING_MS = 90 * 86_400_000;

/**
 * What the model recommends to somebody, best first, at most `limit`; what it
 * knows too little of by its content, on the same scale.
 */
export function personal(
  model: Model,
  { newcomers }: ContentRanking,
  items: Items,
  selection: Selection,
  likes: readonly Like[],
  limit: number,
): Ranked[] {
  const best = new TopN(limit);
  const push = (index: number, score: number): void => {
    if (best.takes(index, score) && selection.has(index)) best.push(index, score);
  };
  model.score(newcomers.standIns(likes, model), (video, score) => {
    const index = items.indexOfVideo(video);
    if (index >= 0 && !newcomers.has(index)) push(index, score);
    return best.bar;
  });
  newcomers.score(model, (index, score) => {
    if (score > 0) push(index, score);
  });
  const ranked: Ranked[] = [];
  best.drain((index, score) => {
    const isNew = newcomers.has(index);
    const like = isNew ? newcomers.because(index, model) : model.because(items.video(index));
    ranked.push({ index, score, reason: reasonOf(items, likes[like]) });
  });
  return ranked.toReversed();
}

/** The binary logarithms of the trending weights at which popularity is 0, and 1. */
const POPULARITY = { none: -4, most: 16 };

/**
 * Completes a list with what is most like what somebody likes, and popular: best
 * first, at most `limit` in all. If it is empty, the scores are sums of cosines;
 * otherwise they go on below the last one.
 */
export function completedByContent(
  ranked: readonly Ranked[],
  content: ContentRanking,
  items: Items,
  trending: Trending,
  selection: Selection,
  likes: readonly Like[],
  limit: number,
): Ranked[] {
  const missing = limit - ranked.length;
  if (missing <= 0) return [...ranked];
  for (const { index } of ranked) selection.leaveOut(index);
  const now = Date.now() / HALF_LIFE_MS;
  const popularity = (index: number): number => {
    const logarithm = trending.rank(items.video(index)) - now;
    const share = (logarithm - POPULARITY.none) / (POPULARITY.most - POPULARITY.none);
    return Math.min(1, Math.max(0, share));
  };
  const found: { index: number; score: number; like: Like }[] = [];
  const accepts = (index: number): boolean => selection.has(index);
  content.recommend(likes, { limit: missing, accepts, popularity }, (index, score) => {
    // Something of theirs may be there for no other reason than itself.
    const like = likes[content.because(index, likes)];
    if (like !== undefined) found.push({ index, score, like });
  });
  const top = found[0]?.score ?? 1;
  const last = ranked.at(-1)?.score;
  const scale = last === undefined ? 1 : last / (2 * top);
  return [
    ...ranked,
    ...found.map(({ index, score, like }) => ({
      index,
      score: scale * score,
      reason: reasonOf(items, like),
    })),
  ];
}

/** A like, and how much it counts. */
export type Like = Interest & { readonly weight: number };

function reasonOf(items: Items, like: Like | undefined): string {
  if (like === undefined) return "";
  return `Because you ${verbOf(like.kind)} ${nameOf(items, like.video)}`;
}

/**
 * What somebody likes, weighted by strength and time: tastes move on, but what
 * was liked long ago still tells something, so half of its weight stays.
 * What they dislike is among them, with weights below 0.
 */
export function likesOf(history: ViewerHistory): Like[] {
  const interests = history.interests(HISTORY_LIMIT);
  const newest = interests.reduce((latest, { time }) => Math.max(latest, time), -Infinity);
  return interests.map((interest) => ({
    ...interest,
    weight: interest.strength * (0.5 + 0.5 * 2 ** ((interest.time - newest) / FADING_MS)),
  }));
}

function verbOf(kind: number): string {
  switch (kind) {
    case Kind.LIKE:
      return "liked";
    case Kind.RATING:
      return "rated";
    case Kind.PURCHASE:
      return "bought";
    default:
      return "viewed";
  }
}

function nameOf(items: Items, video: number): string {
  const index = items.indexOfVideo(video);
  return items.title(index) || items.id(index);
}

/**
 * What is viewed and liked most, best first, at most `limit`; then what nobody
 * has viewed yet, unless `viewedOnly`. Looks at each item once.
 */
export function trendingIndexes(
  items: Items,
  trending: Trending,
  selection: Selection,
  options: { limit: number; viewedOnly: boolean },
): number[] {
  const best = new TopN(options.limit);
  for (let index = 0; index < items.size; index++) {
    const rank = trending.rank(items.video(index));
    if (rank === -Infinity && options.viewedOnly) continue;
    if (best.takes(index, rank) && selection.has(index)) best.push(index, rank);
  }
  return best.takeIds();
}

/**
 * Completes a list with what trends. The scores go on from the last one, each
 * lower than the one before, down to 0, which none of them reaches.
 */
export function filledUp(
  ranked: readonly Ranked[],
  items: Items,
  trending: Trending,
  selection: Selection,
  options: { limit: number; category: string },
): Ranked[] {
  const missing = options.limit - ranked.length;
  if (missing <= 0) return [...ranked];
  for (const { index } of ranked) selection.leaveOut(index);
  const fill = trendingIndexes(items, trending, selection, { limit: missing, viewedOnly: false });
  const top = ranked.at(-1)?.score ?? 1;
  const { category } = options;
  return [
    ...ranked,
    ...fill.map((index, place): Ranked => {
      const viewed = trending.rank(items.video(index)) > -Infinity;
      const viewedReason = category === "" ? "Trending now" : `Trending in ${category}`;
      const newReason = `New in ${category === "" ? "the catalog" : category}`;
      return {
        index,
        score: (top * (fill.length - place)) / (fill.length + 1),
        reason: viewed ? viewedReason : newReason,
      };
    }),
  ];
}
