import { kindOf, shareOf, timeOf, valueOf, videoOf } from "./interaction-code.ts";
import type { RowLists } from "./row-lists.ts";
import { combinedStrength, fadedStrength, strengthOf } from "./signals.ts";
import { TopN } from "./top-n.ts";

/** How many of the newest interactions of a viewer a model learns from, and folds in. */
export const HISTORY_LIMIT = 500;

/** What a viewer did with a video: the latest of a kind. */
export interface Interaction {
  readonly video: number;
  /** As in {@link Kind}. */
  readonly kind: number;
  /** Of a rating the rating; of views that were counted, what all of them weigh at its time; else 0. */
  readonly value: number;
  readonly time: number;
  /** Of views that were counted, the largest share watched, from 0 to 1; -1 if none is known. */
  readonly share: number;
}

/** What a viewer thinks of one video. */
export interface Interest {
  readonly video: number;
  /** As in {@link strengthOf}, of all interactions with it together. */
  strength: number;
  /** The kind of the interaction that speaks loudest for it. */
  kind: number;
  /** When the newest of them happened. */
  time: number;
  /** The strength as it is left when the viewer does something last: see {@link fadedStrength}. */
  weight: number;
}

/** What one viewer did. It shows what is known now, also of what comes later. */
export class ViewerHistory {
  readonly #rows: RowLists;
  readonly #viewer: number;

  constructor(rows: RowLists, viewer: number) {
    this.#rows = rows;
    this.#viewer = viewer;
  }

  get size(): number {
    return this.#rows.size(this.#viewer);
  }

  /** All interactions, in the order in which the log first had them. */
  interactions(): Interaction[] {
    const all: Interaction[] = [];
    this.#rows.forEach(this.#viewer, (key, low, high) => all.push(interactionOf(key, low, high)));
    return all;
  }

  /** Visits the video and the kind of each interaction: for less than {@link interactions} costs. */
  forEachKey(visit: (video: number, kind: number) => void): void {
    this.#rows.forEach(this.#viewer, (key) => visit(videoOf(key), kindOf(key)));
  }

  /**
   * What the viewer thinks of the videos of their newest `limit` interactions,
   * one for each video.
   */
  interests(limit: number): Interest[] {
    return interestsOf(this.#newest(limit));
  }

  #newest(limit: number): Interaction[] {
    const all = this.interactions();
    if (all.length <= limit) return all;
    const newest = new TopN(limit);
    for (const [index, { time }] of all.entries()) newest.push(index, time);
    return newest.takeIds().map((index) => all[index] as Interaction);
  }
}

/** What interactions, of which there is one for each video and kind, tell of tastes. */
export function interestsOf(interactions: Iterable<Interaction>): Interest[] {
  const interests = new Map<number, Interest>();
  /** How strong the interaction is that gave its kind, where there are several. */
  const loudest = new Map<number, number>();
  for (const { video, kind, value, time, share } of interactions) {
    const strength = strengthOf(kind, value, share);
    const interest = interests.get(video);
    if (interest === undefined) {
      interests.set(video, { video, strength, kind, time, weight: 0 });
      continue;
    }
    const before = loudest.get(video) ?? interest.strength;
    if (strength > before) interest.kind = kind;
    loudest.set(video, Math.max(before, strength));
    interest.strength = combinedStrength(interest.strength, strength);
    interest.time = Math.max(interest.time, time);
  }
  return faded([...interests.values()]);
}

/** Gives the interests of one viewer their weights, by the newest of them. */
export function faded(interests: Interest[]): Interest[] {
  const last = interests.reduce((latest, { time }) => Math.max(latest, time), -Infinity);
  for (const one of interests) one.weight = fadedStrength(one.strength, last - one.time);
  return interests;
}

/** The interaction at a place. */
export function interactionAt(rows: RowLists, place: number): Interaction {
  return interactionOf(rows.word(place, 0), rows.word(place, 1), rows.word(place, 2));
}

/** The interaction that three words tell of. */
function interactionOf(key: number, low: number, high: number): Interaction {
  const kind = kindOf(key);
  return {
    video: videoOf(key),
    kind,
    value: valueOf(kind, high),
    time: timeOf(low, high),
    share: shareOf(high),
  };
}
