import { Failure } from "../failure.ts";

/** Finds the columns of a file, by the flags that name them or by their usual names. */
export class Columns {
  readonly #file: string;
  readonly #header: readonly string[];

  constructor(file: string, header: readonly string[]) {
    this.#file = file;
    this.#header = header;
  }

  /**
   * The index of the column that a flag names.
   *
   * @throws Failure listing the columns of the file, if there is none.
   */
  named(column: string): number {
    const exact = this.#header.indexOf(column);
    const index = exact >= 0 ? exact : this.#find([column]);
    if (index < 0) throw this.#missing(`has no column ${JSON.stringify(column)}`);
    return index;
  }

  /** The index of the named column, else of the first with a usual name; undefined without any. */
  optional(column: string | undefined, usual: readonly string[]): number | undefined {
    if (column !== undefined) return this.named(column);
    const index = this.#find(usual);
    return index < 0 ? undefined : index;
  }

  /**
   * As {@link optional}, for a column that must be there.
   *
   * @param flag the option that names it.
   * @throws Failure listing the columns of the file, if there is none.
   */
  required(column: string | undefined, usual: readonly string[], flag: string): number {
    const index = this.optional(column, usual);
    if (index !== undefined) return index;
    throw this.#missing(`has no column ${usual.slice(0, 3).join(", ")}`, `; name it with ${flag}`);
  }

  #find(names: readonly string[]): number {
    const header = this.#header.map(plain);
    for (const name of names) {
      const index = header.indexOf(plain(name));
      if (index >= 0) return index;
    }
    return -1;
  }

  #missing(what: string, hint = ""): Failure {
    return new Failure(`${this.#file} ${what}: it has ${this.#header.join(", ")}${hint}`);
  }
}

/** A name without its case and punctuation: "book_id", "bookId" and "Book ID" are the same. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
