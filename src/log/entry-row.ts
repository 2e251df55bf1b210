import type { EntryType, FullEntry, ProjectedEntry } from "./log.ts";
import { uuidOf } from "./view-key.ts";

/** The columns of what an entry says in numbers, in the order of log/numbers.ts. */
export const NUMBER_COLUMNS =
  "position, project, type, time, viewer, video, watch_ms, kind, value, coalesce(progress, -1)";

/** The columns of what tells the id of a view, for {@link viewIdOf}. */
export const VIEW_ID_COLUMNS = "view_id, iif(view_id is null, lower(hex(view_key)), null)";

/** The columns of what a projection needs, in the order of {@link ProjectedRow}. */
export const PROJECTED_COLUMNS = `position, project, type, time, viewer, video, watch_ms, kind,
  progress, progress_before, country, device, referrer, properties`;

/** All columns of an entry, in the order of {@link EntryRow}. */
export const ENTRY_COLUMNS = `${PROJECTED_COLUMNS}, value, ${VIEW_ID_COLUMNS}`;

/** A row of what a projection needs: an array, as that is read faster than an object. */
export type ProjectedRow = [
  position: number,
  project: number,
  type: EntryType,
  time: number,
  viewer: number,
  video: number,
  watchMs: number,
  kind: number,
  progress: number | null,
  progressBefore: number | null,
  country: string | null,
  device: string | null,
  referrer: string | null,
  properties: string | null,
];

/** A row of all that an entry has. */
export type EntryRow = [
  ...ProjectedRow,
  value: number,
  viewId: string | null,
  viewKey: string | null,
];

/** The entry that a row is. */
export function entryOf(row: EntryRow): FullEntry {
  return { ...projectedEntryOf(row), value: row[14], viewId: viewIdOf(row[15], row[16]) };
}

/** The id of a view; "" of what is none. A UUID is only in the key. */
export function viewIdOf(viewId: string | null, key: string | null): string {
  if (viewId !== null) return viewId;
  return key === null || key === "" ? "" : uuidOf(key);
}

/** What the row is for a projection. */
export function projectedEntryOf(row: ProjectedRow | EntryRow): ProjectedEntry {
  return {
    position: row[0],
    project: row[1],
    type: row[2],
    time: row[3],
    viewer: row[4],
    video: row[5],
    watchMs: row[6],
    kind: row[7],
    progress: row[8] ?? -1,
    progressBefore: row[9] ?? -1,
    country: row[10] ?? "",
    device: row[11] ?? "",
    referrer: row[12] ?? "",
    properties: row[13] ?? "",
  };
}
