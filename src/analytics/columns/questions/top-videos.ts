import type { Ask } from "../ask.ts";
import type { Span, TopCursor, VideoTotals } from "../columns.ts";
import { Conditions } from "../conditions.ts";
import { BY_VIDEO } from "../distinct-viewers.ts";
import { numberOf } from "../rows.ts";
import { viewersOfVideos } from "./viewers-of-videos.ts";

export async function topVideos(
  ask: Ask,
  project: number,
  span: Span,
  limit: number,
  after: TopCursor | undefined,
): Promise<VideoTotals[]> {
  const where = new Conditions().add("project = ?", project).addSpan(ask.boundsOf(project, span));
  const page =
    ask.standing?.top(project, span, limit, after) ?? (await pageOf(ask, where, limit, after));
  // Viewers are counted of the page's videos only: of all, it would take twenty times as long.
  const viewers = await viewersOfVideos(
    ask,
    where,
    page.map(({ video }) => video),
  );
  return page.map(({ video, views, watchMs }) => ({
    video,
    views,
    uniqueViewers: viewers.get(video) ?? 0,
    watchMs,
  }));
}

async function pageOf(
  ask: Ask,
  where: Conditions,
  limit: number,
  after: TopCursor | undefined,
): Promise<Omit<VideoTotals, "uniqueViewers">[]> {
  const having = new Conditions().add("sum(views) > 0");
  if (after !== undefined) {
    having.add(
      "(sum(views) < ? or (sum(views) = ? and video > ?))",
      after.views,
      after.views,
      after.video,
    );
  }
  const rows = await ask.rows(
    `${BY_VIDEO} select video, sum(views) as views, sum(watch_ms) as watch_ms
     from view where ${where.sql} group by video having ${having.sql}
     order by sum(views) desc, video limit ?`,
    [...where.values, ...having.values, limit],
  );
  return rows.map((row) => ({
    video: numberOf(row, "video"),
    views: numberOf(row, "views"),
    watchMs: numberOf(row, "watch_ms"),
  }));
}
