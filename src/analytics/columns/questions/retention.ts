import type { Ask } from "../ask.ts";
import type { ProgressStep, Span } from "../columns.ts";
import { Conditions } from "../conditions.ts";
import { numberOf } from "../rows.ts";

export async function retention(
  ask: Ask,
  project: number,
  video: number,
  span: Span,
): Promise<ProgressStep[]> {
  const where = new Conditions()
    .add("project = ?", project)
    .add("video = ?", video)
    .add("progress is not null")
    .addSpan(span);
  const rows = await ask.rows(
    `select coalesce(progress_before, -1) as before, progress, count(*) as rows
     from view where ${where.sql} group by all`,
    where.values,
  );
  return rows.map((row) => ({
    progressBefore: numberOf(row, "before"),
    progress: numberOf(row, "progress"),
    count: numberOf(row, "rows"),
  }));
}
