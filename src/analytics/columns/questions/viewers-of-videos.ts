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
  const modulus = modulusOf(videos, MAX_VIEWER_BUCKETS);
  if (modulus !== undefined) {
    const rows = await ask.rows(
      `select unique_viewers
       from ${viewersOfBuckets(`video % ${modulus}`, modulus, `view where ${wanted}`)}
       order by bucket`,
      where.values,
    );
    return new Map(
      videos.map((video) => [video, numberOf(rows[video % modulus], "unique_viewers")]),
    );
  }
  const rows = await ask.rows(
    `select video, ${distinctViewers(videos.length)} as viewers
     from view where ${wanted} group by video`,
    where.values,
  );
  return new Map(rows.map((row) => [numberOf(row, "video"), numberOf(row, "viewers")]));
}

/**
 * What numbers the videos when they are divided by it: each has another rest.
 * Undefined if nothing up to `most` does. There nearly always is something for ten videos,
 * and a rest is found faster than a place in a list.
 */
export function modulusOf(videos: readonly number[], most: number): number | undefined {
  for (let modulus = videos.length; modulus <= most; modulus++) {
    if (new Set(videos.map((video) => video % modulus)).size === videos.length) return modulus;
  }
  return undefined;
}
