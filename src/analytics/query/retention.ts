import type { ProgressStep } from "../columns/columns.ts";

/** How far the views of a video got. */
export interface Retention {
  /** How many told how far they got. */
  readonly views: number;
  /** For each hundredth of the video, from 0 to 100, how many got there; none without a view that told. */
  readonly reached: readonly number[];
}

/** Adds up how far views got. */
export function retentionOf(steps: readonly ProgressStep[]): Retention {
  // One more got to all hundredths after `progressBefore`, up to `progress`.
  const gained = Array.from({ length: 102 }, () => 0);
  let views = 0;
  for (const { progressBefore, progress, count } of steps) {
    const first = progressBefore < 0 ? 0 : Math.floor(progressBefore / 10) + 1;
    const end = Math.floor(progress / 10) + 1;
    gained[first] = (gained[first] ?? 0) + count;
    gained[end] = (gained[end] ?? 0) - count;
    if (progressBefore < 0) views += count;
  }
  if (views === 0) return { views, reached: [] };
  let reached = 0;
  return { views, reached: gained.slice(0, 101).map((gain) => (reached += gain)) };
}
