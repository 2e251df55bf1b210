import { TopN } from "../top-n.ts";
import { groupUsers, splitItems } from "./held-out.ts";
import type { Interactions } from "./matrix.ts";
import { meanQuality, qualityOf, RANKED, type Quality } from "./metrics.ts";
import type { HeldOut, Model, WeightedVideo } from "./model.ts";

/**
 * How well a model ranks what each of the judges likes: they are given four
 * fifths of it to fold in. The judges are the same for every model of the same
 * interactions and seed, and none is learned from them; see {@link groupUsers}.
 * Empty if there are too few users for any judge.
 */
export function judgeOn(
  model: Pick<Model, "score">,
  { matrix, videos, users }: Interactions,
  seed: number,
): Quality[] {
  const { judges } = groupUsers(matrix, users, seed);
  const { given, hidden } = splitItems(matrix, judges, seed);
  const best = new TopN(RANKED);
  return Array.from(judges, (_, row) => {
    const likes: WeightedVideo[] = [];
    const known = new Set<number>();
    for (let at = given.offsets[row] as number; at < (given.offsets[row + 1] as number); at++) {
      const video = videos[given.columns[at] as number] as number;
      likes.push({ video, weight: given.strengths[at] as number });
      known.add(video);
    }
    model.score(likes, (video, score) => {
      if (!known.has(video)) best.push(video, score);
      return best.bar;
    });
    const wanted = hidden.columns.subarray(hidden.offsets[row], hidden.offsets[row + 1]);
    return qualityOf(
      best.takeIds(),
      new Set(Array.from(wanted, (column) => videos[column] as number)),
    );
  });
}

/** What is told of a judgement; undefined if there were no judges. */
export function heldOutOf(qualities: readonly Quality[]): HeldOut | undefined {
  if (qualities.length === 0) return undefined;
  return { users: qualities.length, ...meanQuality(qualities) };
}
