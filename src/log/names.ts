import type { Database, Statement } from "better-sqlite3";
import { endOf } from "./name-prefix.ts";
import type { NameKind } from "./log.ts";
import type { Keys } from "./view-key.ts";

/** What gives the names of a kind their numbers. */
export interface NameWriter {
  /** The number of a name, which it gets now if it has none. */
  findOrAdd(project: number, name: string): number;
}

/** The names of videos, which are found by themselves. */
export class VideoNames implements NameWriter {
  readonly #find: Statement<[number, string], number>;
  readonly #insert: Statement<[number, string]>;

  constructor(db: Database) {
    this.#find = db
      .prepare<[number, string], number>("select id from video where project = ? and name = ?")
      .pluck();
    this.#insert = db.prepare("insert into video (project, name) values (?, ?)");
  }

  findOrAdd(project: number, name: string): number {
    return this.#find.get(project, name) ?? Number(this.#insert.run(project, name).lastInsertRowid);
  }
}

/** The names of viewers, which are found by their keys. */
export class ViewerNames implements NameWriter {
  readonly #keys: Keys;
  readonly #find: Statement<[number, Buffer], number>;
  readonly #insert: Statement<[number, Buffer, string]>;
  readonly #remove: Statement<[number]>;

  constructor(db: Database, keys: Keys) {
    this.#keys = keys;
    this.#find = findViewer(db);
    this.#insert = db.prepare("insert into viewer (project, name_key, name) values (?, ?, ?)");
    // The row stays, or its neighbours would be moved: see log/schema.ts.
    this.#remove = db.prepare("update viewer set name_key = null, name = null where id = ?");
  }

  findOrAdd(project: number, name: string): number {
    const key = this.#keys.viewer(project, name);
    return (
      this.#find.get(project, key) ?? Number(this.#insert.run(project, key, name).lastInsertRowid)
    );
  }

  /** The number of a name; undefined if it has none. */
  find(project: number, name: string): number | undefined {
    return this.#find.get(project, this.#keys.viewer(project, name));
  }

  /** Removes the name of a number, which is never used again. */
  remove(id: number): void {
    this.#remove.run(id);
  }
}

function findViewer(db: Database): Statement<[number, Buffer], number> {
  return db
    .prepare<[number, Buffer], number>("select id from viewer where project = ? and name_key = ?")
    .pluck();
}

/** Looks names and their numbers up. */
export class NameTable {
  readonly #find: (project: number, name: string) => number | undefined;
  readonly #name: Statement<[number, number], string | null>;
  readonly #from: Statement<[number, string], number>;
  readonly #between: Statement<[number, string, string], number>;

  constructor(db: Database, keys: Keys, kind: NameKind) {
    const select = `select id from ${kind} where project = ?`;
    if (kind === "viewer") {
      const find = findViewer(db);
      this.#find = (project, name) => find.get(project, keys.viewer(project, name));
    } else {
      const find = db.prepare<[number, string], number>(`${select} and name = ?`).pluck();
      this.#find = (project, name) => find.get(project, name);
    }
    this.#from = db.prepare<[number, string], number>(`${select} and name >= ?`).pluck();
    this.#between = db
      .prepare<[number, string, string], number>(`${select} and name >= ? and name < ?`)
      .pluck();
    this.#name = db
      .prepare<[number, number], string | null>(
        `select name from ${kind} where project = ? and id = ?`,
      )
      .pluck();
  }

  find(project: number, name: string): number | undefined {
    return this.#find(project, name);
  }

  /** The numbers of all names that begin with a prefix: of viewers, by a look at each of them. */
  findAll(project: number, prefix: string): number[] {
    const end = endOf(prefix);
    return end === undefined
      ? this.#from.all(project, prefix)
      : this.#between.all(project, prefix, end);
  }

  name(project: number, id: number): string | undefined {
    return this.#name.get(project, id) ?? undefined;
  }
}
