import type { NameWriter } from "./names.ts";

/** How many names are remembered at least; at most twice as many: about 20 MB. */
const REMEMBERED = 100_000;

/** Gives names their numbers. For the one connection that writes. */
export class Interner {
  readonly #names: NameWriter;
  /** By project: what was asked for lately, and what was asked for before that. */
  #recent = new Map<number, Map<string, number>>();
  #older = new Map<number, Map<string, number>>();
  #count = 0;

  constructor(names: NameWriter) {
    this.#names = names;
  }

  /** The number of a name, which it gets now if it has none. "" is nobody: 0. */
  intern(project: number, name: string): number {
    if (name === "") return 0;
    const known = this.#recent.get(project)?.get(name);
    if (known !== undefined) return known;
    const id = this.#older.get(project)?.get(name) ?? this.#names.findOrAdd(project, name);
    this.#remember(project, name, id);
    return id;
  }

  /** Forgets a name, which is about to be removed. */
  forgetName(project: number, name: string): void {
    this.#recent.get(project)?.delete(name);
    this.#older.get(project)?.delete(name);
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
