import { createHash } from "node:crypto";
import { randomFrom, type Random } from "../random.ts";
import type { Question, Scored } from "./sources.ts";

/** Of so many items that are drawn, the one of which least is known is taken. */
const DRAWN = 8;
/** After so many draws without luck all items are looked at, once. */
const MAX_DRAWS = 64;

/** Always the same numbers for a text, from 0 to below 1. */
export function randomFor(seed: string): Random {
  return randomFrom(createHash("sha256").update(seed).digest().readUInt32LE());
}

/** How many of some places a share of them is: rounded up or down by chance, so that it is right on average. */
export function placesOf(share: number, places: number, random: Random): number {
  return Math.min(places, Math.floor(share * places + random()));
}

/**
 * Draws items that hardly anybody viewed, at most `count`, of those that the
 * selection has; leaves them out of it. Of some items drawn with equal chances,
 * the one is taken with which least was done these days.
 */
export function drawLittleKnown(
  { items, selection, trending }: Question,
  count: number,
  random: Random,
): number[] {
  const drawn: number[] = [];
  /** All that is left, once it was hard to find by chance. */
  let left: number[] | undefined;
  const draw = (): number | undefined => {
    if (left === undefined) {
      for (let attempt = 0; attempt < MAX_DRAWS; attempt++) {
        const index = Math.floor(random() * items.size);
        if (selection.has(index)) return index;
      }
      left = [];
      for (let index = 0; index < items.size; index++) if (selection.has(index)) left.push(index);
    }
    while (left.length > 0) {
      const at = Math.floor(random() * left.length);
      const index = left[at] as number;
      if (selection.has(index)) return index;
      // It was taken since: the last one takes its place.
      left[at] = left.at(-1) as number;
      left.pop();
    }
    return undefined;
  };
  while (drawn.length < count) {
    let best: number | undefined;
    let least = Infinity;
    for (let k = 0; k < DRAWN; k++) {
      const index = draw();
      if (index === undefined) break;
      const rank = trending.rank(items.video(index));
      if (best === undefined || rank < least) [best, least] = [index, rank];
    }
    if (best === undefined) break;
    drawn.push(best);
    selection.leaveOut(best);
  }
  return drawn;
}

/**
 * Puts others into some places of a list, which is as long afterwards: its last
 * ones go. Each has the score of the one that it pushes down.
 */
export function withOthers<C extends Scored>(
  list: readonly C[],
  others: readonly number[],
  random: Random,
  make: (index: number, score: number) => C,
): C[] {
  const kept = list.slice(0, list.length - others.length);
  const places = new Set<number>();
  while (places.size < others.length) places.add(Math.floor(random() * list.length));
  const result: C[] = [];
  let next = 0;
  let other = 0;
  for (let place = 0; place < list.length; place++) {
    const one = kept[next];
    if (one !== undefined && !places.has(place)) {
      result.push(one);
      next++;
    } else {
      const score = one?.score ?? list[place]?.score ?? 1;
      result.push(make(others[other++] as number, score));
    }
  }
  return result;
}
