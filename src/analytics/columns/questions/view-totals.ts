import type { Ask } from "../ask.ts";
import type { Span, ViewTotals } from "../columns.ts";
import { Conditions } from "../conditions.ts";
import { viewersOf } from "../distinct-viewers.ts";
import { numberOf } from "../rows.ts";
import type { Sums } from "../standing-totals.ts";

export async function viewTotals(
  ask: Ask,
  project: number,
  video: number | undefined,
  span: Span,
): Promise<ViewTotals> {
  const where = new Conditions().add("project = ?", project);
  if (video !== undefined) where.add("video = ?", video);
  where.addSpan(ask.boundsOf(project, span));
  const sums = ask.standing?.sumsOf(project, video, span) ?? (await sumsOf(ask, where));
  // A statement of its own, as it is by the statement that memory is spent.
  const [viewers] = await ask.rows(`select ${viewersOf(where.sql)} as viewers`, where.values);
  return { ...sums, uniqueViewers: numberOf(viewers, "viewers") };
}

async function sumsOf(ask: Ask, where: Conditions): Promise<Sums> {
  // Grouped by the little that there is of progress, sums of it take half the
  // time that they take of columns with nulls in them.
  const [sums] = await ask.rows(
    `select sum(views) as views, sum(bot_views) as bot_views, sum(watch_ms) as watch_ms,
       sum(rows) filter (progress is not null and progress_before is null) as progress_views,
       sum(rows * (progress - coalesce(progress_before, 0))) as progress_sum,
       sum(rows) filter (progress >= 950 and coalesce(progress_before, -1) < 950) as completed
     from (
       select progress, progress_before, count(*) as rows,
         sum(views) as views, sum(bot_views) as bot_views, sum(watch_ms) as watch_ms
       from view where ${where.sql} group by progress, progress_before
     )`,
    where.values,
  );
  return {
    views: numberOf(sums, "views"),
    watchMs: numberOf(sums, "watch_ms"),
    botViews: numberOf(sums, "bot_views"),
    progressViews: numberOf(sums, "progress_views"),
    progressSum: numberOf(sums, "progress_sum"),
    completed: numberOf(sums, "completed"),
  };
}
