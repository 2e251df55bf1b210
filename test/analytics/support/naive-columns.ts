import type {
  LiveCount,
  ProgressStep,
  Span,
  TrendingVideo,
  TwoSpans,
  VideoTotals,
  ViewTotals,
} from "../../../src/analytics/columns/columns.ts";
import { EntryType, type FullEntry } from "../../../src/log/log.ts";

/** Columns as one would count by hand: what every implementation is compared to. */
export class NaiveColumns {
  #rows: FullEntry[] = [];

  apply(entries: readonly FullEntry[]): void {
    for (const entry of entries) {
      if (entry.type === EntryType.VIEW || entry.type === EntryType.EXTEND) this.#rows.push(entry);
      if (entry.type === EntryType.ERASE) {
        this.#remove((row) => row.project === entry.project && row.viewer === entry.viewer);
      }
      if (entry.type === EntryType.TRIM) {
        this.#remove((row) => row.project === entry.project && row.time < entry.time);
      }
    }
  }

  viewTotals(project: number, video: number | undefined, span: Span): ViewTotals {
    return totalsOf(this.#select(project, video, span));
  }

  topVideos(project: number, span: Span): VideoTotals[] {
    return this.#videos(project)
      .map((video) => {
        const { views, uniqueViewers, watchMs } = this.viewTotals(project, video, span);
        return { video, views, uniqueViewers, watchMs };
      })
      .filter(({ views }) => views > 0)
      .toSorted((a, b) => b.views - a.views || a.video - b.video);
  }

  trending(project: number, { from, middle, to }: TwoSpans): TrendingVideo[] {
    return this.#videos(project)
      .map((video) => {
        const { views } = this.viewTotals(project, video, { from: middle, to });
        const previousViews = this.viewTotals(project, video, { from, to: middle }).views;
        const score = (views - previousViews) / Math.sqrt(previousViews + 1);
        return { video, views, previousViews, score };
      })
      .filter(({ score }) => score > 0)
      .toSorted((a, b) => b.score - a.score || a.video - b.video);
  }

  retention(project: number, video: number, span: Span): ProgressStep[] {
    const steps = new Map<string, ProgressStep>();
    for (const row of this.#select(project, video, span)) {
      const { progress, progressBefore } = row;
      if (row.kind === 1 || progress < 0) continue;
      const key = `${progressBefore} ${progress}`;
      steps.set(key, { progressBefore, progress, count: (steps.get(key)?.count ?? 0) + 1 });
    }
    return inOrder([...steps.values()]);
  }

  liveCount(project: number, video: number | undefined, currentSince: number): LiveCount {
    const rows = this.#select(project, video, { from: undefined, to: undefined });
    const { views, watchMs } = totalsOf(rows);
    const current = rows.filter(({ time }) => time >= currentSince);
    return { video, views, watchMs, viewers: viewersOf(rows), current: viewersOf(current) };
  }

  #remove(condition: (row: FullEntry) => boolean): void {
    this.#rows = this.#rows.filter((row) => !condition(row));
  }

  #videos(project: number): number[] {
    return [...new Set(this.#select(project, undefined).map(({ video }) => video))];
  }

  #select(project: number, video: number | undefined, span?: Span): FullEntry[] {
    return this.#rows.filter(
      (row) =>
        row.project === project &&
        (video === undefined || row.video === video) &&
        (span?.from === undefined || row.time >= span.from) &&
        (span?.to === undefined || row.time < span.to),
    );
  }
}

/** In an order to compare them in. */
export function inOrder(steps: readonly ProgressStep[]): ProgressStep[] {
  return steps.toSorted((a, b) => a.progressBefore - b.progressBefore || a.progress - b.progress);
}

function totalsOf(rows: readonly FullEntry[]): ViewTotals {
  const bots = rows.filter(({ kind }) => kind === 1);
  const people = rows.filter(({ kind }) => kind !== 1);
  const told = people.filter(({ progress }) => progress >= 0);
  return {
    views: count(people, isView),
    uniqueViewers: viewersOf(rows).length,
    watchMs: people.reduce((sum, { watchMs }) => sum + watchMs, 0),
    botViews: count(bots, isView),
    progressViews: count(told, ({ progressBefore }) => progressBefore < 0),
    progressSum: told.reduce(
      (sum, { progress, progressBefore }) => sum + progress - Math.max(0, progressBefore),
      0,
    ),
    completed: count(
      told,
      ({ progress, progressBefore }) => progress >= 950 && progressBefore < 950,
    ),
  };
}

function viewersOf(rows: readonly FullEntry[]): Int32Array {
  const viewers = rows.filter(({ kind, viewer }) => kind !== 1 && viewer !== 0);
  return Int32Array.from(new Set(viewers.map(({ viewer }) => viewer))).toSorted();
}

function isView({ type }: FullEntry): boolean {
  return type === EntryType.VIEW;
}

function count(rows: readonly FullEntry[], condition: (row: FullEntry) => boolean): number {
  return rows.filter(condition).length;
}
