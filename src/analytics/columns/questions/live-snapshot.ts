import type { Ask } from "../ask.ts";
import type { LiveCount, QueryValue } from "../columns.ts";
import { Conditions } from "../conditions.ts";
import { BY_VIEWER } from "../distinct-viewers.ts";
import { numberOf } from "../rows.ts";
import { modulusOf } from "./viewers-of-videos.ts";

/** How many bits an integer has to tell videos by, its sign left alone. */
const MAX_BITS = 30;

export async function liveCounts(
  ask: Ask,
  project: number,
  videos: readonly number[] | undefined,
  currentSince: number,
): Promise<LiveCount[]> {
  const where = new Conditions().add("project = ?", project);
  return videos === undefined
    ? [await countOfAll(ask, where, currentSince)]
    : await countsOf(ask, where, [...videos], currentSince);
}

async function countOfAll(ask: Ask, where: Conditions, currentSince: number): Promise<LiveCount> {
  const [sums] = await ask.rows(
    `select sum(views) as views, sum(watch_ms) as watch_ms from view where ${where.sql}`,
    where.values,
  );
  const viewers = `${BY_VIEWER} select viewer from view where ${where.sql} and viewer is not null`;
  const [all] = await ask.columns(`${viewers} group by viewer`, where.values);
  const [current] = await ask.columns(`${viewers} and time >= ? group by viewer`, [
    ...where.values,
    currentSince,
  ]);
  return {
    video: undefined,
    views: numberOf(sums, "views"),
    watchMs: numberOf(sums, "watch_ms"),
    viewers: all ?? new Int32Array(),
    current: current ?? new Int32Array(),
  };
}

async function countsOf(
  ask: Ask,
  where: Conditions,
  videos: readonly number[],
  currentSince: number,
): Promise<LiveCount[]> {
  if (videos.length === 0) return [];
  const wanted = `${where.sql} and video in (${videos.join(", ")})`;
  const rows = await ask.rows(
    `select video, sum(views) as views, sum(watch_ms) as watch_ms
     from view where ${wanted} group by video`,
    where.values,
  );
  const sums = new Map(rows.map((row) => [numberOf(row, "video"), row]));
  const seen = `${wanted} and viewer is not null`;
  const viewers = await viewersOf(ask, videos, seen, where.values);
  const current = await viewersOf(ask, videos, `${seen} and time >= ?`, [
    ...where.values,
    currentSince,
  ]);
  return videos.map((video) => ({
    video,
    views: numberOf(sums.get(video), "views"),
    watchMs: numberOf(sums.get(video), "watch_ms"),
    viewers: viewers.get(video) ?? new Int32Array(),
    current: current.get(video) ?? new Int32Array(),
  }));
}

/** The different viewers of each video, of rows that pass a condition. */
async function viewersOf(
  ask: Ask,
  videos: readonly number[],
  condition: string,
  values: readonly QueryValue[],
): Promise<Map<number, Int32Array>> {
  const modulus = modulusOf(videos, MAX_BITS);
  if (modulus === undefined) {
    return byVideo(
      await ask.columns(
        `select video, viewer from view where ${condition}
         group by video, viewer order by video`,
        values,
      ),
    );
  }
  // A row for each viewer is much less than one for each viewer of each video.
  const [viewers, seen] = await ask.columns(
    `${BY_VIEWER} select viewer, bit_or(1 << (video % ${modulus})) as seen
     from view where ${condition} group by viewer`,
    values,
  );
  return new Map(
    videos.map((video) => [
      video,
      (viewers ?? new Int32Array()).filter(
        (_, index) => (((seen?.[index] ?? 0) >> (video % modulus)) & 1) === 1,
      ),
    ]),
  );
}

/** The viewers of each video, of pairs that are ordered by video. */
function byVideo([videos, viewers]: readonly Int32Array[]): Map<number, Int32Array> {
  const found = new Map<number, Int32Array>();
  if (videos === undefined || viewers === undefined) return found;
  for (let start = 0, end = 0; start < videos.length; start = end) {
    while (end < videos.length && videos[end] === videos[start]) end++;
    // A copy, as they are moved to another thread one by one.
    found.set(videos[start] ?? 0, viewers.slice(start, end));
  }
  return found;
}
