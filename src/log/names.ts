import type { Database, Statement } from "better-sqlite3";
import type { NameKind } from "./log.ts";

/** How many names are remembered at least; at most twice as many: about 20 MB. */
const REMEMBERED = 100_000;

/** Gives names their numbers. For the one connection that writes. */
export class Interner {
  readonly #find: Statement<[number, string], number>;
  readonly #insert: Statement<[number, string]>;
  readonly #remove: Statement<[number, string]>;
  /** By project: what was asked for lately, and what was asked for before that. */
  #recent = new Map<number, Map<string, number>>();
  #older = new Map<number, Map<string, number>>();
  #count = 0;

  constructor(db: Database, kind: NameKind) {
    this.#find = db
      .prepare<[number, string], number>(`select id from ${kind} where project = ? and name = ?`)
      .pluck();
    this.#insert = db.prepare(`insert into ${kind} (project, name) values (?, ?)`);
    this.#remove = db.prepare(`delete from ${kind} where project = ? and name = ?`);
  }

  /** The number of a name, which it gets now if it has none. "" is nobody: 0. */
  intern(project: number, name: string): number {
    if (name === "") return 0;
    const known = this.#recent.get(project)?.get(name);
    if (known !== undefined) return known;
    const id =
      this.#older.get(project)?.get(name) ??
      this.#find.get(project, name) ??
      Number(this.#insert.run(project, name).lastInsertRowid);
    this.#remember(project, name, id);
    return id;
  }

  /** The number of a name; undefined if it has none. */
  find(project: number, name: string): number | undefined {
    return this.#find.get(project, name);
  }

  /** Removes a name, and tells its number; undefined if there is none. The number is never used again. */
  remove(project: number, name: string): number | undefined {
    const id = this.#find.get(project, name);
    if (id === undefined) return undefined;
    this.#remove.run(project, name);
    this.#recent.get(project)?.delete(name);
    this.#older.get(project)?.delete(name);
    return id;
  }

  /** Forgets what it remembers: after a rollback it may be wrong. */
  forget(): void {
    this.#recent = new Map();
    this.#older = new Map();
    this.#count = 0;
  }

  #remember(project: number, name: string, id: number): void {
    if (this.#count === REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#count = 0;
    }
    let names = this.#recent.get(project);
    if (names === undefined) this.#recent.set(project, (names = new Map()));
    names.set(name, id);
    this.#count++;
  }
}

/** Looks names and their numbers up. */
export class NameTable {
  readonly #find: Statement<[number, string], number>;
  readonly #name: Statement<[number, number], string>;
  readonly #from: Statement<[number, string], number>;
  readonly #between: Statement<[number, string, string], number>;

  constructor(db: Database, kind: NameKind) {
    const select = `select id from ${kind} where project = ?`;
    this.#find = db.prepare<[number, string], number>(`${select} and name = ?`).pluck();
    this.#from = db.prepare<[number, string], number>(`${select} and name >= ?`).pluck();
    this.#between = db
      .prepare<[number, string, string], number>(`${select} and name >= ? and name < ?`)
      .pluck();
    this.#name = db
      .prepare<[number, number], string>(`select name from ${kind} where project = ? and id = ?`)
      .pluck();
  }

  find(project: number, name: string): number | undefined {
    return this.#find.get(project, name);
  }

  /** The numbers of all names that begin with a prefix. */
  findAll(project: number, prefix: string): number[] {
    const end = endOf(prefix);
    return end === undefined
      ? this.#from.all(project, prefix)
      : this.#between.all(project, prefix, end);
  }

  name(project: number, id: number): string | undefined {
    return this.#name.get(project, id);
  }
}

const LAST_CODE_POINT = 0x10_ff_ff;

/**
 * The first text after all that begin with a prefix, in the order of code
 * points, which is that of their bytes in UTF-8; undefined if there is none.
 */
function endOf(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // The surrogates are no characters.
  const next = last === 0xd7_ff ? 0xe0_00 : last + 1;
  return String.fromCodePoint(...points, next);
}
