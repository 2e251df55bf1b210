import type { Ask } from "../ask.ts";
import type { TrendingVideo, TwoSpans } from "../columns.ts";
import { Conditions } from "../conditions.ts";
import { BY_VIDEO } from "../distinct-viewers.ts";
import { numberOf } from "../rows.ts";

export async function trending(
  ask: Ask,
  project: number,
  { from, middle, to }: TwoSpans,
  limit: number,
): Promise<TrendingVideo[]> {
  const where = new Conditions().add("project = ?", project).addSpan({ from, to });
  const rows = await ask.rows(
    `${BY_VIDEO} select video, views, previous,
       (views - previous) / sqrt(previous + 1) as score
     from (
       select video, sum(case when time < ? then views else 0 end) as previous,
         sum(views) - previous as views
       from view where ${where.sql} group by video
     )
     where views > previous order by score desc, video limit ?`,
    [middle, ...where.values, limit],
  );
  return rows.map((row) => ({
    video: numberOf(row, "video"),
    views: numberOf(row, "views"),
    previousViews: numberOf(row, "previous"),
    score: numberOf(row, "score"),
  }));
}
