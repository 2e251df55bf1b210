import { columnOf, type Interactions } from "../model/matrix.ts";
import { RANKED } from "../model/metrics.ts";
import type { Model, WeightedVideo } from "../model/model.ts";
import { findNeighbours, NONE } from "../model/learning/neighbours.ts";
import { shareMatrix } from "../model/learning/shared-matrix.ts";
import { Team } from "../model/learning/team.ts";
import { TopN } from "../top-n.ts";

/** Finds what fits what somebody likes; the best of it, without what they have, comes first in a ranking. */
export type Method = (likes: readonly WeightedVideo[], known: ReadonlySet<number>) => number[];

/** How many users have each video, and the videos by that. */
export class Popularity {
  readonly #videos: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #users: number;
  /** All videos, the most popular first. */
  readonly #order: Uint32Array;

  constructor({ matrix, videos, users }: Interactions) {
    this.#videos = videos;
    this.#users = users.length;
    const counts = new Uint32Array(videos.length);
    for (const column of matrix.columns) counts[column] = (counts[column] as number) + 1;
    this.#counts = counts;
    this.#order = Uint32Array.from(videos.keys())
      .toSorted((a, b) => (counts[b] as number) - (counts[a] as number) || a - b)
      .map((column) => videos[column] as number);
  }

  /** The share of users who have a video: from 0 to 1. */
  of(video: number): number {
    const column = columnOf(this.#videos, video);
    return column < 0 ? 0 : (this.#counts[column] as number) / this.#users;
  }

  /**
   * A ranking, completed to {@link RANKED} videos by the most popular ones, as the
   * server completes an answer by what trends.
   */
  completed(ranking: readonly number[], known: ReadonlySet<number>): number[] {
    const full = [...ranking];
    const there = new Set(full);
    for (const video of this.#order) {
      if (full.length >= RANKED) break;
      if (!there.has(video) && !known.has(video)) full.push(video);
    }
    return full;
  }
}

/** What a model finds. */
export function byModel(model: Pick<Model, "score">): Method {
  const best = new TopN(RANKED);
  return (likes, known) => {
    model.score(likes, (video, score) => {
      if (!known.has(video)) best.push(video, score);
      return best.bar;
    });
    return best.takeIds();
  };
}

/** So many neighbours of each item are added up: more change little. */
const NEIGHBOURS = 100;

/**
 * What is similar to what somebody likes: for each item the sum of its cosines to
 * theirs, over the nearest of each (Deshpande and Karypis, "Item-based top-N
 * recommendation algorithms", 2004).
 * @param threads How many work on it.
 */
export async function byCosine({ matrix, videos }: Interactions, threads: number): Promise<Method> {
  const limit = Math.min(NEIGHBOURS, Math.max(1, videos.length - 1));
  const team = new Team(threads);
  try {
    const shared = shareMatrix(team.arena, matrix, 1);
    const nearest = await findNeighbours(team, shared, { limit, damping: 0 });
    const ids = team.arena.u32(nearest.ids, videos.length * limit).slice();
    const similarities = team.arena.f32(nearest.similarities, videos.length * limit).slice();
    return addingUp(videos, limit, ids, similarities);
  } finally {
    await team.close();
  }
}

function addingUp(
  videos: Uint32Array,
  limit: number,
  ids: Uint32Array,
  similarities: Float32Array,
): Method {
  const best = new TopN(RANKED);
  return (likes, known) => {
    const sums = new Map<number, number>();
    for (const { video, weight } of likes) {
      const column = columnOf(videos, video);
      if (column < 0 || weight <= 0) continue;
      for (let at = column * limit; at < (column + 1) * limit; at++) {
        const other = ids[at] as number;
        if (other === NONE) break;
        sums.set(other, (sums.get(other) ?? 0) + weight * (similarities[at] as number));
      }
    }
    for (const [column, score] of sums) {
      const video = videos[column] as number;
      if (score > 0 && !known.has(video)) best.push(video, score);
    }
    return best.takeIds();
  };
}
