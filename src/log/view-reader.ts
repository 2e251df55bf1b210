import type { Database, Statement } from "better-sqlite3";
import type { StoredView, ViewPage, ViewSelection } from "./log.ts";
import { NameTable } from "./names.ts";

/** How many positions a page is looked for in at most: others want to read too. */
const SCANNED = 50_000;

interface ViewRow {
  position: number;
  viewId: string;
  video: string;
  viewer: string;
  time: number;
  watchMs: number;
  progress: number;
  country: string;
  device: string;
  referrer: string;
  properties: string;
  bot: number;
}

/** Reads views as they are now, with their names. */
export class ViewReader {
  readonly #viewers: NameTable;
  readonly #read: Statement<
    [after: number, upTo: number, project: number, from: number, to: number, ...viewer: number[]],
    ViewRow
  >;

  constructor(db: Database) {
    this.#viewers = new NameTable(db, "viewer");
    // The name of who is being erased is gone before their views are.
    this.#read = db.prepare(
      `select position, view_id as viewId, video.name as video,
              coalesce(viewer.name, '') as viewer, time,
              max(watch_ms, longest_ms) as watchMs,
              coalesce(furthest, progress, -1) as progress,
              coalesce(country, '') as country, coalesce(device, '') as device,
              coalesce(referrer, '') as referrer, coalesce(properties, '') as properties,
              kind as bot
       from entry
       join video on video.id = entry.video
       left join viewer on viewer.id = entry.viewer
       where position > ? and position <= ? and entry.project = ? and type = 1
         and time >= ? and time < ? and (? = 0 or entry.viewer = ?)
         and (entry.viewer = 0 or viewer.id is not null)
       order by position limit ?`,
    );
  }

  /** The next page of at most `limit` views. */
  read(project: number, selection: ViewSelection, limit: number): ViewPage {
    const { after, upTo, from, to } = selection;
    const viewer = selection.viewer === "" ? 0 : this.#viewers.find(project, selection.viewer);
    if (viewer === undefined) return { views: [], position: Math.max(after, upTo) };
    const end = Math.min(upTo, after + SCANNED);
    const rows = this.#read.all(
      after,
      end,
      project,
      from ?? Number.MIN_SAFE_INTEGER,
      to ?? Number.MAX_SAFE_INTEGER,
      viewer,
      viewer,
      limit,
    );
    const last = rows.at(-1);
    return {
      views: rows.map((row): StoredView => ({ ...row, bot: row.bot === 1 })),
      position: last !== undefined && rows.length === limit ? last.position : Math.max(after, end),
    };
  }
}
