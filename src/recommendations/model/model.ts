import type { Quality } from "./metrics.ts";

/** How good a model is on users that it was not learned from; see the contract. */
export interface HeldOut extends Quality {
  readonly users: number;
}

/** What a model was learned from, and how good it is. */
export interface ModelInfo {
  /** When the training ended, in milliseconds since 1970. */
  readonly trainedTime: number;
  readonly items: number;
  readonly users: number;
  /** How many pairs of a user and an item. */
  readonly interactions: number;
  /** The id of the log from which it was learned: its videos are numbers of that log. */
  readonly logId: string;
  /** The position of the log up to which it was learned. */
  readonly position: number;
  /** Users up to this hash it was not learned from: see judgesTo of held-out.ts. */
  readonly judgesTo: number;
  readonly heldOut: HeldOut | undefined;
}

/** A video that a viewer has an opinion of. */
export interface WeightedVideo {
  readonly video: number;
  /** How much that counts: above 0 for what they like, below 0 for what they do not. */
  readonly weight: number;
}

/** A video by its column in a model, and how much of it. */
export interface WeightedColumn {
  readonly column: number;
  readonly weight: number;
}

/** A weighted sum of at most {@link MAX_PARTS} videos. Of none: what the model does not know. */
export type Mixture = readonly WeightedColumn[];

/**
 * A learned model, as everything but the training sees it. Videos are the
 * numbers of the log. A better method replaces the class behind this, and its
 * file.
 */
export interface Model {
  readonly info: ModelInfo;
  /** How many videos it knows: they have columns from 0 up, in ascending order of videos. */
  readonly size: number;
  /** The column of a video; -1 if it does not know it. */
  columnOf(video: number): number;
  /** The video of a column; 0 if there is no such column. */
  videoOf(column: number): number;
  /**
   * Folds a viewer in: visits the videos that what they like speaks for, with
   * their scores, above 0, in ascending order of videos. Videos of theirs are
   * visited too. A visit returns how high the scores of further ones must be at
   * least; -Infinity to see all. Of more than {@link MAX_LIKES} likes the rest is
   * ignored. Not to be called from within a visit.
   *
   * @param accepts whether a video is to be visited: costs less than a visit.
   */
  score(
    likes: readonly WeightedVideo[],
    visit: (video: number, score: number) => number,
    accepts?: (video: number) => boolean,
  ): void;
  /** What the last {@link score} gave a column, 0 and less too, before it was made exact. */
  scoreAt(column: number): number;
  /** Visits the columns to which the last {@link score} gave more than 0 and at least so much. */
  forEachFrom(least: number, visit: (column: number, score: number) => void): void;
  /**
   * Why mixtures of videos score what they do: for each the index, among the likes of
   * the last {@link score}, of one without which its score would be lower, that which
   * speaks loudest for it; -1 if there is none. To ask for many at once costs less.
   *
   * @param except For each, the index of a like that is not to be named; -1 for none.
   */
  because(mixtures: readonly Mixture[], except: readonly number[]): number[];
  /**
   * By how much the score of a mixture would be lower without each of the likes of
   * the last {@link score}, in their order.
   */
  contributions(mixture: Mixture): Float64Array;
  /** Visits the videos most similar to one, most similar first; from 0 to 1. */
  similar(video: number, visit: (video: number, similarity: number) => void): void;
  /** From how many interactions with a video it was learned; 0 if it does not know it. */
  support(video: number): number;
}

/** So many videos a mixture has at most. */
export const MAX_PARTS = 64;

/** So many likes are folded in. */
export const MAX_LIKES = 1_024;
