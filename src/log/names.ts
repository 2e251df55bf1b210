import type { Database, Statement } from "better-sqlite3";
import type { NameKind } from "./log.ts";

/** How many names are remembered before all are forgotten: about 20 MB. */
const REMEMBERED = 200_000;

/** Gives names their numbers. For the one connection that writes. */
export class Interner {
  readonly #find: Statement<[number, string], number>;
  readonly #insert: Statement<[number, string]>;
  readonly #known = new Map<string, number>();

  constructor(db: Database, kind: NameKind) {
    this.#find = db
      .prepare<[number, string], number>(`select id from ${kind} where project = ? and name = ?`)
      .pluck();
    this.#insert = db.prepare(`insert into ${kind} (project, name) values (?, ?)`);
  }

  /** The number of a name, which it gets now if it has none. "" is nobody: 0. */
  intern(project: number, name: string): number {
    if (name === "") return 0;
    const key = `${project}/${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id =
      this.#find.get(project, name) ?? Number(this.#insert.run(project, name).lastInsertRowid);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  /** Forgets what it remembers: after a rollback it may be wrong. */
  forget(): void {
    this.#known.clear();
  }
}

/** Looks names and their numbers up. */
export class NameTable {
  readonly #find: Statement<[number, string], number>;
  readonly #name: Statement<[number, number], string>;

  constructor(db: Database, kind: NameKind) {
    this.#find = db
      .prepare<[number, string], number>(`select id from ${kind} where project = ? and name = ?`)
      .pluck();
    this.#name = db
      .prepare<[number, number], string>(`select name from ${kind} where project = ? and id = ?`)
      .pluck();
  }

  find(project: number, name: string): number | undefined {
    return this.#find.get(project, name);
  }

  name(project: number, id: number): string | undefined {
    return this.#name.get(project, id);
  }
}
