import { learnedFrom } from "../learned-from.ts";
import type { Interactions } from "../model/matrix.ts";
import type { WeightedVideo } from "../model/model.ts";
import { randomFrom, shuffled, type Random } from "../../random.ts";
import type { Histories } from "../histories.ts";
import { HISTORY_LIMIT, type ViewerHistory } from "../viewer-history.ts";

/** A viewer who is ranked for. */
export interface Case {
  /** What the methods are given, as Recommend would have it. */
  readonly likes: readonly WeightedVideo[];
  /** All that the viewer has seen, which is not to be ranked. */
  readonly known: Uint32Array;
  /** What is to be found; at least one. */
  readonly hidden: Uint32Array;
}

/** What viewers did, in what is learned from and what is to be found. */
export interface Divided {
  readonly interactions: Interactions;
  readonly cases: readonly Case[];
}

export interface DivideOptions {
  readonly seed: number;
  /** How many cases at most, chosen at random. */
  readonly maxViewers: number;
}

/** Who may be held out: a viewer who likes so many videos. */
const MIN_LIKES = 5;
/** How many of those who may be. */
const HELD_OUT = 0.1;
/** How much of what they like is given. */
const GIVEN = 0.8;

/** By viewer: some are learned nothing from, given four fifths of what they like, and the rest is hidden. */
export function divideByViewer(histories: Histories, options: DivideOptions): Divided {
  const random = randomFrom(options.seed);
  const eligible: number[] = [];
  for (const [viewer, history] of histories.all()) {
    if (likedBy(history).length >= MIN_LIKES) eligible.push(viewer);
  }
  const count = Math.min(options.maxViewers, Math.round(HELD_OUT * eligible.length));
  const heldOut = new Set(shuffled(eligible, random).slice(0, count));
  const cases: Case[] = [];
  for (const viewer of heldOut) {
    cases.push(halved(histories.of(viewer) as ViewerHistory, random));
  }
  return { interactions: learnedFrom(histories, heldOut), cases };
}

/**
 * By time: what came before is learned from and given, and what viewers came to
 * like after it is hidden; of viewers who liked something before.
 */
export function divideByTime(before: Histories, after: Histories, options: DivideOptions): Divided {
  const eligible: number[] = [];
  for (const [viewer, history] of after.all()) {
    const earlier = before.of(viewer);
    if (earlier === undefined || likedBy(earlier).length === 0) continue;
    if (newLikes(earlier, history).length > 0) eligible.push(viewer);
  }
  const chosen = shuffled(eligible, randomFrom(options.seed)).slice(0, options.maxViewers);
  const cases = chosen.map((viewer): Case => {
    const earlier = before.of(viewer) as ViewerHistory;
    return {
      likes: plain(earlier.interests(HISTORY_LIMIT)),
      known: videosOf(earlier),
      hidden: Uint32Array.from(newLikes(earlier, after.of(viewer) as ViewerHistory)),
    };
  });
  return { interactions: learnedFrom(before), cases };
}

/** A viewer with some of what they like hidden. */
function halved(history: ViewerHistory, random: Random): Case {
  const liked = shuffled(likedBy(history), random);
  const hidden = new Set(liked.slice(Math.floor(GIVEN * liked.length)));
  const given = history.interests(HISTORY_LIMIT).filter(({ video }) => !hidden.has(video));
  return {
    likes: plain(given),
    known: videosOf(history).filter((video) => !hidden.has(video)),
    hidden: Uint32Array.from(hidden),
  };
}

function likedBy(history: ViewerHistory): number[] {
  const likes = history.interests(HISTORY_LIMIT).filter(({ strength }) => strength > 0);
  return likes.map(({ video }) => video);
}

/** What a viewer liked later, and had nothing to do with before. */
function newLikes(earlier: ViewerHistory, later: ViewerHistory): number[] {
  const known = new Set(videosOf(earlier));
  return likedBy(later).filter((video) => !known.has(video));
}

function videosOf(history: ViewerHistory): Uint32Array {
  const videos = new Set<number>();
  for (const { video } of history.interactions()) videos.add(video);
  return Uint32Array.from(videos);
}

function plain(likes: readonly WeightedVideo[]): WeightedVideo[] {
  return likes.map(({ video, weight }) => ({ video, weight }));
}
