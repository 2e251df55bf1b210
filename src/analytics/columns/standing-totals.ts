import type { DuckDBConnection } from "@duckdb/node-api";
import { EntryType, type ProjectedEntry } from "../../log/log.ts";
import type { QueryValue, Span, TopCursor, ViewTotals } from "./columns.ts";
import { numberOf, readRows } from "./rows.ts";

/** What is added up of the rows of a video, of all times. */
export type Sums = Omit<ViewTotals, "uniqueViewers">;

/** The sums of some rows of a video. */
export interface VideoSums {
  readonly project: number;
  readonly video: number;
  readonly from: number;
  readonly to: number;
  readonly sums: Sums;
}

/** Of how many videos sums are kept: about 200 bytes each. */
const MAX_VIDEOS = 200_000;

interface Project {
  /** No row is outside of this. */
  from: number;
  to: number;
  readonly all: MutableSums;
  readonly videos: Map<number, MutableSums>;
}

/**
 * The sums of each video over all times, kept in memory as they grow: what would
 * take a scan of all rows is there at once, and only viewers are left to be
 * counted. It is of one position, as what it is compared with has to be.
 */
export class StandingTotals {
  readonly #projects = new Map<number, Project>();
  #videos = 0;
  position = 0;

  static async read(connection: DuckDBConnection, position: number): Promise<StandingTotals> {
    const standing = new StandingTotals();
    standing.position = position;
    for (const sums of await readSums(connection, "true", [])) standing.#add(sums, 1);
    return standing;
  }

  /** Takes what was applied up to a position, and what that has removed. */
  apply(entries: readonly ProjectedEntry[], removed: readonly VideoSums[]): void {
    for (const entry of entries) {
      if (entry.type === EntryType.VIEW || entry.type === EntryType.EXTEND) this.#addEntry(entry);
    }
    for (const sums of removed) this.#add(sums, -1);
    this.position = entries.at(-1)?.position ?? this.position;
  }

  /** The sums of a video, or of all, if a span has everything in it; else undefined. */
  sumsOf(project: number, video: number | undefined, span: Span): Sums | undefined {
    if (!this.covers(project, span)) return undefined;
    const found = this.#projects.get(project);
    return {
      ...((video === undefined ? found?.all : found?.videos.get(video)) ?? new MutableSums()),
    };
  }

  /** The videos with the most views, if a span has everything in it; else undefined. */
  top(
    project: number,
    span: Span,
    limit: number,
    after: TopCursor | undefined,
  ): { readonly video: number; readonly views: number; readonly watchMs: number }[] | undefined {
    if (!this.covers(project, span)) return undefined;
    const found = [];
    for (const [video, { views, watchMs }] of this.#projects.get(project)?.videos ?? []) {
      const row = { video, views, watchMs };
      if (views > 0 && (after === undefined || byViews(after, row) < 0)) found.push(row);
    }
    return found.toSorted(byViews).slice(0, limit);
  }

  /** Whether a span has everything in it, as far as that is known. */
  covers(project: number, span: Span): boolean {
    if (this.#videos > MAX_VIDEOS) return false;
    const { from, to } = this.#projects.get(project) ?? { from: Infinity, to: -Infinity };
    return (span.from ?? -Infinity) <= from && (span.to ?? Infinity) > to;
  }

  #addEntry(entry: ProjectedEntry): void {
    const { all, video } = this.#find(entry.project, entry.video, entry.time, entry.time);
    all.addEntry(entry);
    video.addEntry(entry);
  }

  #add({ project, video, from, to, sums }: VideoSums, sign: 1 | -1): void {
    const found = this.#find(project, video, from, to);
    found.all.add(sums, sign);
    found.video.add(sums, sign);
  }

  #find(
    projectNumber: number,
    videoNumber: number,
    from: number,
    to: number,
  ): { readonly all: MutableSums; readonly video: MutableSums } {
    let project = this.#projects.get(projectNumber);
    if (project === undefined) {
      project = { from, to, all: new MutableSums(), videos: new Map() };
      this.#projects.set(projectNumber, project);
    }
    project.from = Math.min(project.from, from);
    project.to = Math.max(project.to, to);
    let video = project.videos.get(videoNumber);
    if (video === undefined) {
      video = new MutableSums();
      // Beyond, nothing is asked of them any more.
      if (++this.#videos <= MAX_VIDEOS) project.videos.set(videoNumber, video);
    }
    return { all: project.all, video };
  }
}

/** Sums of rows that pass a condition, for each video. */
export async function readSums(
  connection: DuckDBConnection,
  condition: string,
  values: readonly QueryValue[],
): Promise<VideoSums[]> {
  const rows = await readRows(
    connection,
    `select project, video, min(time) as from, max(time) as to, sum(views) as views,
       sum(bot_views) as bot_views, sum(watch_ms) as watch_ms,
       count(progress) - count(progress_before) as progress_views,
       sum(progress) - coalesce(sum(progress_before), 0) as progress_sum,
       count(*) filter (progress >= 950 and coalesce(progress_before, -1) < 950) as completed
     from view where ${condition} group by project, video`,
    values,
  );
  return rows.map((row) => ({
    project: numberOf(row, "project"),
    video: numberOf(row, "video"),
    from: numberOf(row, "from"),
    to: numberOf(row, "to"),
    sums: {
      views: numberOf(row, "views"),
      watchMs: numberOf(row, "watch_ms"),
      botViews: numberOf(row, "bot_views"),
      progressViews: numberOf(row, "progress_views"),
      progressSum: numberOf(row, "progress_sum"),
      completed: numberOf(row, "completed"),
    },
  }));
}

function byViews(a: TopCursor, b: TopCursor): number {
  return b.views - a.views || a.video - b.video;
}

class MutableSums implements Sums {
  views = 0;
  watchMs = 0;
  botViews = 0;
  progressViews = 0;
  progressSum = 0;
  completed = 0;

  add(sums: Sums, sign: 1 | -1): void {
    this.views += sign * sums.views;
    this.watchMs += sign * sums.watchMs;
    this.botViews += sign * sums.botViews;
    this.progressViews += sign * sums.progressViews;
    this.progressSum += sign * sums.progressSum;
    this.completed += sign * sums.completed;
  }

  addEntry({ type, kind, watchMs, progress, progressBefore }: ProjectedEntry): void {
    const view = type === EntryType.VIEW ? 1 : 0;
    if (kind === 1) {
      this.botViews += view;
      return;
    }
    this.views += view;
    this.watchMs += watchMs;
    if (progress < 0) return;
    if (progressBefore < 0) this.progressViews++;
    this.progressSum += progress - Math.max(0, progressBefore);
    if (progress >= 950 && progressBefore < 950) this.completed++;
  }
}
