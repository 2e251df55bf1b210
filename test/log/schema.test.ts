import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { EntryType } from "../../src/log/log.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

/** The tables of the first version, with a view that was extended twice, and feedback. */
const FIRST_VERSION = `
  create table viewer (
    id integer primary key autoincrement, project integer not null, name text not null,
    unique (project, name)
  ) strict;
  create table video (
    id integer primary key autoincrement, project integer not null, name text not null,
    unique (project, name)
  ) strict;
  create table entry (
    position integer primary key, project integer not null, type integer not null,
    time integer not null, viewer integer not null, video integer not null, view_id text,
    watch_ms integer not null, longest_ms integer not null, extended_at integer not null,
    country text, device text, referrer text, kind integer not null, value real not null
  ) strict;
  create unique index entry_view on entry (project, view_id) where type = 1;
  create unique index entry_feedback on entry (project, viewer, video, kind) where type = 3;
  create table head (log_id text not null, position integer not null) strict;
  insert into head values ('abc', 6);
  insert into viewer values (1, 0, 'ann');
  insert into video values (1, 0, 'video');
  insert into entry values
    (1, 0, 1, 500, 1, 1, 'v', 10, 40, 4, 'NL', 'tv', 'r', 0, 0),
    (2, 0, 1, 600, 1, 1, 'w', 7, 7, 2, 'BE', null, null, 0, 0),
    (3, 0, 2, 500, 1, 1, null, 20, 20, 3, null, null, null, 0, 0),
    (4, 0, 2, 500, 1, 1, null, 10, 10, 4, null, null, null, 0, 0),
    (6, 0, 3, 700, 1, 1, null, 0, 0, 6, null, null, null, 4, 5);
  pragma user_version = 1;
`;

describe("a SQLite log of the first version", () => {
  it("should be brought up to date with all that it says", async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, "log.db");
    const old = new Database(file);
    old.exec(FIRST_VERSION);
    old.close();
    const log = await SqliteLog.open({ directory });
    onTestFinished(() => log.close());
    expect(log.id).toBe("abc");
    expect(log.position).toBe(6);
    const entries = await log.read(0, 10);
    expect(entries.map((e) => [e.type, e.watchMs, e.country, e.device, e.progress])).toEqual([
      [EntryType.VIEW, 10, "NL", "tv", -1],
      [EntryType.VIEW, 7, "BE", "", -1],
      [EntryType.EXTEND, 20, "NL", "tv", -1],
      [EntryType.EXTEND, 10, "NL", "tv", -1],
      [EntryType.FEEDBACK, 0, "", "", -1],
    ]);
    const append = (viewId: string, watchMs: number) =>
      log.appendView(caller(), view({ viewId, viewer: "ann", watchMs }));
    expect(await append("v", 40)).toEqual({ outcome: "duplicate", position: 4 });
    expect(await append("w", 7)).toEqual({ outcome: "duplicate", position: 2 });
    expect(await append("v", 41)).toEqual({ outcome: "extended", position: 7 });
    expect(await log.read(6, 10)).toMatchObject([{ watchMs: 1, country: "NL", time: 500 }]);
  });
});
