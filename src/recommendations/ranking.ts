import type { Items } from "./items.ts";
import type { Model } from "./model/model.ts";
import type { Selection } from "./selection.ts";
import { isRefusal, Kind } from "./signals.ts";
import { TopN } from "./top-n.ts";
import type { Trending } from "./trending.ts";
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

/** What the model recommends to somebody, best first, at most `limit`. */
export function personal(
  model: Model,
  items: Items,
  selection: Selection,
  history: ViewerHistory,
  limit: number,
): Ranked[] {
  const likes = likesOf(history.interests(HISTORY_LIMIT));
  const best = new TopN(limit);
  model.score(likes, (video, score) => {
    const index = items.indexOfVideo(video);
    if (index >= 0 && best.takes(index, score) && selection.has(index)) best.push(index, score);
    return best.bar;
  });
  const ranked: Ranked[] = [];
  best.drain((index, score) => {
    const like = likes[model.because(items.video(index))];
    const reason =
      like === undefined ? "" : `Because you ${verbOf(like.kind)} ${nameOf(items, like.video)}`;
    ranked.push({ index, score, reason });
  });
  return ranked.toReversed();
}

/**
 * What somebody likes, weighted by strength and time: tastes move on, but what
 * was liked long ago still tells something, so half of its weight stays.
 * What they dislike is among them, with weights below 0.
 */
export function likesOf(interests: readonly Interest[]): (Interest & { weight: number })[] {
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
