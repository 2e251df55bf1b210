import { join } from "node:path";
import Database from "better-sqlite3";
import { EntryType } from "../../../src/log/log.ts";
import { openLogReader } from "../../../src/log/reader.ts";
import { progressAt, watchMsAt, type Books } from "./books.ts";

/** A view with all that extended it, as the log on disk has it. */
export interface LoggedView {
  readonly video: string;
  readonly viewer: string;
  readonly time: number;
  readonly position: number;
  watchMs: number;
  progress: number;
}

/** What the log on disk says. */
export interface LogState {
  /** The position of the last entry. */
  readonly head: number;
  readonly views: ReadonlyMap<string, LoggedView>;
  /** What cannot be in a log, in words. */
  readonly faults: readonly string[];
}

const PAGE = 10_000;

/** Reads the log of a directory from its file, whether a server uses it or not. */
export async function readLog(directory: string): Promise<LogState> {
  const file = join(directory, "log.db");
  const reader = openLogReader({ file });
  const views = new Map<string, LoggedView>();
  const byTime = new Map<number, LoggedView>();
  const faults: string[] = [];
  // The head first: what is committed while the entries are read is beyond it.
  const head = await reader.position();
  const names = readNames(file);
  let position = 0;
  for (;;) {
    const entries = await reader.read(position, PAGE);
    for (const entry of entries) {
      if (entry.position <= position) faults.push(`position ${entry.position} after ${position}`);
      position = entry.position;
      if (position > head) break;
      const viewer = entry.viewer === 0 ? "" : names.viewer.get(entry.viewer);
      const video = names.video.get(entry.video);
      if (entry.type === EntryType.VIEW) {
        if (views.has(entry.viewId)) faults.push(`${entry.viewId} is there twice`);
        if (viewer === undefined || video === undefined) {
          faults.push(`${entry.viewId} has the numbers ${entry.viewer} and ${entry.video}`);
          continue;
        }
        const { time, watchMs, progress } = entry;
        const view = { video, viewer, time, position, watchMs, progress };
        views.set(entry.viewId, view);
        byTime.set(time, view);
      } else if (entry.type === EntryType.EXTEND) {
        const view = byTime.get(entry.time);
        if (view === undefined || view.viewer !== viewer || view.video !== video) {
          faults.push(`an extension of nothing at ${position}`);
          continue;
        }
        view.watchMs += entry.watchMs;
        if (entry.progress < 0) continue;
        if (entry.progressBefore !== view.progress) faults.push(`progress before ${position}`);
        view.progress = entry.progress;
      }
    }
    if (entries.length < PAGE || position > head) break;
  }
  await reader.close();
  return { head, views, faults };
}

function readNames(file: string): Record<"viewer" | "video", Map<number, string>> {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const names = (table: string): Map<number, string> =>
      new Map(db.prepare<[], [number, string]>(`select id, name from ${table}`).raw().all());
    return { viewer: names("viewer"), video: names("video") };
  } finally {
    db.close();
  }
}

/**
 * Where the log and the books disagree, in words: an acknowledged view that is
 * not there or is less than was acknowledged, one that was never sent, one that
 * is more than was sent.
 */
export function disagreements({ views, faults, head }: LogState, books: Books): string[] {
  const found = [...faults];
  for (const sent of books.views.values()) {
    const { viewId, acknowledged } = sent;
    const logged = views.get(viewId);
    if (logged === undefined) {
      if (acknowledged >= 0) found.push(`${viewId} was acknowledged, and is not there`);
      continue;
    }
    const { video, viewer, time, watchMs, progress } = logged;
    if (video !== sent.video || viewer !== sent.viewer || time !== sent.time) {
      found.push(`${viewId} is another view`);
    }
    const from = watchMsAt(Math.max(acknowledged, 0));
    const to = watchMsAt(sent.sent);
    const beat = watchMs / watchMsAt(0) - 1;
    if (!Number.isInteger(beat) || watchMs < from || watchMs > to) {
      found.push(`${viewId} has a watch of ${watchMs} ms, not ${from} to ${to}`);
    } else if (progress !== progressAt(beat)) {
      found.push(`${viewId} has a watch of ${watchMs} ms with a progress of ${progress}`);
    }
    if (sent.position !== undefined && Number(sent.position) !== logged.position) {
      found.push(`${viewId} was logged at ${sent.position}, and is at ${logged.position}`);
    }
    if (logged.position > head) found.push(`${viewId} is beyond the end of the log`);
  }
  for (const viewId of views.keys()) {
    if (!books.views.has(viewId)) found.push(`${viewId} was never sent`);
  }
  return found.slice(0, 20);
}
