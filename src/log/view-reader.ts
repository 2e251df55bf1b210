import type { Database, Statement } from "better-sqlite3";
import { VIEW_ID_COLUMNS, viewIdOf } from "./entry-row.ts";
import type { StoredView, ViewPage, ViewSelection } from "./log.ts";
import { NameTable } from "./names.ts";
import type { Keys } from "./view-key.ts";

/** How many positions a page is looked for in at most: others want to read too. */
const SCANNED = 50_000;

type ViewRow = [
  position: number,
  viewId: string | null,
  viewKey: string | null,
  video: string,
  viewer: string,
  time: number,
  watchMs: number,
  progress: number,
  country: string,
  device: string,
  referrer: string,
  properties: string,
  bot: number,
];

/** Reads views as they are now, with their names. */
export class ViewReader {
  readonly #viewers: NameTable;
  readonly #read: Statement<
    [after: number, upTo: number, project: number, from: number, to: number, ...viewer: number[]],
    ViewRow
  >;

  constructor(db: Database, keys: Keys) {
    this.#viewers = new NameTable(db, keys, "viewer");
    // The name of who is being erased is gone before their views are.
    this.#read = db
      .prepare<[number, number, number, number, number, ...number[]], ViewRow>(
        `select entry.position, ${VIEW_ID_COLUMNS}, video.name,
                coalesce(viewer.name, ''), time,
                coalesce(longest_ms, watch_ms), coalesce(furthest, progress, -1),
                coalesce(country, ''), coalesce(device, ''),
                coalesce(referrer, ''), coalesce(properties, ''), kind
         from entry not indexed
         join video on video.id = entry.video
         left join viewer on viewer.id = entry.viewer
         left join extended on extended.position = entry.position
         where entry.position > ? and entry.position <= ? and entry.project = ? and type = 1
           and time >= ? and time < ? and (? = 0 or entry.viewer = ?)
           and (entry.viewer = 0 or viewer.name is not null)
         order by entry.position limit ?`,
      )
      .raw();
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
      views: rows.map(viewOf),
      position: last !== undefined && rows.length === limit ? last[0] : Math.max(after, end),
    };
  }
}

function viewOf(row: ViewRow): StoredView {
  return {
    position: row[0],
    viewId: viewIdOf(row[1], row[2]),
    video: row[3],
    viewer: row[4],
    time: row[5],
    watchMs: row[6],
    progress: row[7],
    country: row[8],
    device: row[9],
    referrer: row[10],
    properties: row[11],
    bot: row[12] === 1,
  };
}
