import type { Ask } from "../ask.ts";
import type { Conditions } from "../conditions.ts";
import { distinctViewers, MAX_VIEWER_BUCKETS, viewersOfBuckets } from "../distinct-viewers.ts";
import { numberOf } from "../rows.ts";

/** How many different viewers some videos have, of rows that pass the conditions. */
export async function viewersOfVideos(
  ask: Ask,
  where: Conditions,
  videos: readonly number[],
): Promise<Map<number, number>> {
  if (videos.length === 0) return new Map();
  const wanted = `${where.sql} and video in (${videos.join(", ")})`;
  const numbering = numberingOf(videos, MAX_VIEWER_BUCKETS);
  if (numbering !== undefined) {
    const { number, count, of } = numbering;
    const rows = await ask.rows(
      `select unique_viewers from ${viewersOfBuckets(number, count, `view where ${wanted}`)}
       order by bucket`,
      where.values,
    );
    return new Map(videos.map((video) => [video, numberOf(rows[of(video)], "unique_viewers")]));
  }
  const rows = await ask.rows(
    `select video, ${distinctViewers(videos.length)} as viewers
     from view where ${wanted} group by video`,
    where.values,
  );
  return new Map(rows.map((row) => [numberOf(row, "video"), numberOf(row, "viewers")]));
}

/** Small numbers for some videos, each another one. */
export interface Numbering {
  /** In SQL, of a row of one of these videos. */
  readonly number: string;
  /** All are below. */
  readonly count: number;
  of(video: number): number;
}

/**
 * Numbers videos; undefined if nothing up to `most` does. There nearly always is
 * something for ten videos, and what is calculated is found faster than a place
 * in a list. Videos that are viewed much are seen early: they are close together.
 */
export function numberingOf(videos: readonly number[], most: number): Numbering | undefined {
  const first = Math.min(...videos);
  const span = Math.max(...videos) - first + 1;
  if (span <= most) {
    return { number: `video - ${first}`, count: span, of: (video) => video - first };
  }
  for (let modulus = videos.length; modulus <= most; modulus++) {
    if (new Set(videos.map((video) => video % modulus)).size === videos.length) {
      return { number: `video % ${modulus}`, count: modulus, of: (video) => video % modulus };
    }
  }
  return undefined;
}
