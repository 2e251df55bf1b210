import { COSINE, nearestItems, type OnProgress } from "./item-cosine.ts";
import { userCount, withoutUsers, type Interactions } from "./matrix.ts";
import { ItemModel, scalesOf, type HeldOut, type Model, type ModelInfo } from "./model.ts";
import { randomFrom, shuffled, type Random } from "./random.ts";
import { TopN } from "../top-n.ts";

/** Who may be held out: a user of at least so many items. */
const MIN_ITEMS = 5;
/** How many of them are held out. */
const SHARE = 0.05;
const MAX_USERS = 1_000;
/** How much of what they like the model is given. */
const GIVEN = 0.8;

const RECALL_AT = 20;
const NDCG_AT = 100;
/** How much of the whole time the learning takes, about. */
const LEARNING_SHARE = 0.8;

/** Of no interest: the model is thrown away. */
const noInfo: ModelInfo = {
  trainedTime: 0,
  items: 0,
  users: 0,
  interactions: 0,
  logId: "",
  position: 0,
  heldOut: undefined,
};

/**
 * Learns without some users, and tells how well the model ranks what they like;
 * undefined if there are too few users to hold any out. The seed decides which
 * users, and which of their items are hidden.
 */
export function evaluate(
  { matrix, videos }: Interactions,
  seed: number,
  onProgress: OnProgress = () => {},
): HeldOut | undefined {
  const random = randomFrom(seed);
  const users = heldOutUsers(matrix.offsets, random);
  if (users.length === 0) return undefined;
  const without = new Uint8Array(userCount(matrix));
  for (const user of users) without[user] = 1;
  const neighbours = nearestItems(withoutUsers(matrix, without), COSINE, (done) =>
    onProgress(done * LEARNING_SHARE),
  );
  const model = new ItemModel({
    ...neighbours,
    info: noInfo,
    videos,
    scales: scalesOf(neighbours),
  });
  let recall = 0;
  let ndcg = 0;
  for (const [index, user] of users.entries()) {
    if (index % 64 === 0)
      onProgress(LEARNING_SHARE + (1 - LEARNING_SHARE) * (index / users.length));
    const likes = [];
    const end = matrix.offsets[user + 1] as number;
    for (let at = matrix.offsets[user] as number; at < end; at++) {
      const video = videos[matrix.columns[at] as number] as number;
      likes.push({ video, weight: matrix.strengths[at] as number });
    }
    const order = shuffled(likes, random);
    const given = Math.floor(order.length * GIVEN);
    const ranking = rank(model, order.slice(0, given));
    const hidden = new Set(order.slice(given).map(({ video }) => video));
    recall += recallAt(RECALL_AT, ranking, hidden);
    ndcg += ndcgAt(NDCG_AT, ranking, hidden);
  }
  onProgress(1);
  return { users: users.length, recallAt20: recall / users.length, ndcgAt100: ndcg / users.length };
}

/** The share of what is hidden among the first k, where at most k can be. */
export function recallAt(
  k: number,
  ranking: readonly number[],
  hidden: ReadonlySet<number>,
): number {
  const hits = ranking.slice(0, k).filter((video) => hidden.has(video)).length;
  return hits / Math.min(k, hidden.size);
}

/** The normalized discounted cumulative gain of the first k, with binary relevance. */
export function ndcgAt(k: number, ranking: readonly number[], hidden: ReadonlySet<number>): number {
  let gain = 0;
  let ideal = 0;
  for (let place = 0; place < k; place++) {
    const discount = 1 / Math.log2(place + 2);
    if (place < hidden.size) ideal += discount;
    const video = ranking[place];
    if (video !== undefined && hidden.has(video)) gain += discount;
  }
  return gain / ideal;
}

function heldOutUsers(offsets: Uint32Array, random: Random): number[] {
  const users: number[] = [];
  for (let user = 0; user + 1 < offsets.length; user++) {
    if ((offsets[user + 1] as number) - (offsets[user] as number) >= MIN_ITEMS) users.push(user);
  }
  const count = Math.min(MAX_USERS, Math.floor(users.length * SHARE));
  return shuffled(users, random).slice(0, count);
}

/** The best videos for somebody who likes these, without these. */
function rank(model: Model, likes: readonly { video: number; weight: number }[]): number[] {
  const known = new Set(likes.map(({ video }) => video));
  const best = new TopN(NDCG_AT);
  model.score(likes, (video, score) => {
    if (!known.has(video)) best.push(video, score);
  });
  return best.takeIds();
}
