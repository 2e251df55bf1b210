import { TopN } from "../top-n.ts";
import { groupUsers, hashOf, splitItems } from "./held-out.ts";
import type { Interactions } from "./matrix.ts";
import { isClearlyWorse, meanQuality, qualityOf, RANKED, type Quality } from "./metrics.ts";
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

/** How a model does beside the one that it is to replace. */
export interface Comparison {
  /** Of the new one. */
  readonly learned: HeldOut;
  /** Of the one in place, on the same users. */
  readonly inPlace: HeldOut;
  /** Whether the new one is clearly worse: see {@link isClearlyWorse}. */
  readonly isWorse: boolean;
}

/**
 * Compares a new model with the one in place: on the judges of now that neither
 * of them was learned from. The one in place had other judges if there were more
 * or fewer users then. Undefined if there are none.
 * @param qualities What {@link judgeOn} says of the new one, for the same interactions and seed.
 */
export function compareModels(
  qualities: readonly Quality[],
  inPlace: Pick<Model, "score" | "info">,
  interactions: Interactions,
  seed: number,
): Comparison | undefined {
  const { matrix, users } = interactions;
  const { judges } = groupUsers(matrix, users, seed);
  const { judgesTo } = inPlace.info;
  const isCommon = (index: number): boolean =>
    hashOf(users[judges[index] as number] as number, seed) <= judgesTo;
  const ofNew = qualities.filter((_, index) => isCommon(index));
  const ofOld = judgeOn(inPlace, interactions, seed).filter((_, index) => isCommon(index));
  const [learned, before] = [heldOutOf(ofNew), heldOutOf(ofOld)];
  if (learned === undefined || before === undefined) return undefined;
  return { learned, inPlace: before, isWorse: isClearlyWorse(ofNew, ofOld) };
}
