import type { EntryType, FullEntry } from "./log.ts";

/** The columns of what an entry says in numbers, in the order of log/numbers.ts. */
export const NUMBER_COLUMNS = "position, project, type, time, viewer, video, watch_ms, kind, value";

/** All columns of an entry, in the order of {@link EntryRow}. */
export const ENTRY_COLUMNS = `${NUMBER_COLUMNS},
  view_id, progress, progress_before, country, device, referrer, properties`;

/** A row of the table of entries: an array, as that is read faster than an object. */
export type EntryRow = [
  position: number,
  project: number,
  type: EntryType,
  time: number,
  viewer: number,
  video: number,
  watchMs: number,
  kind: number,
  value: number,
  viewId: string | null,
  progress: number | null,
  progressBefore: number | null,
  country: string | null,
  device: string | null,
  referrer: string | null,
  properties: string | null,
];

/** The entry that a row is. */
export function entryOf(row: EntryRow): FullEntry {
  return {
    position: row[0],
    project: row[1],
    type: row[2],
    time: row[3],
    viewer: row[4],
    video: row[5],
    watchMs: row[6],
    kind: row[7],
    value: row[8],
    viewId: row[9] ?? "",
    progress: row[10] ?? -1,
    progressBefore: row[11] ?? -1,
    country: row[12] ?? "",
    device: row[13] ?? "",
    referrer: row[14] ?? "",
    properties: row[15] ?? "",
  };
}
