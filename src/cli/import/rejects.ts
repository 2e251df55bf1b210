import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { Failure, oneLine } from "../failure.ts";
import { count } from "../format.ts";
import { csvLine, type Row } from "./csv.ts";

/** How many rejected rows are listed; the others are counted. */
const LISTED = 20;

/** Keeps the first rows that were rejected, counts the others, and writes all to a file if asked. */
export class Rejects {
  readonly #file: WriteStream | undefined;
  /** Those on the first lines, in their order: batches are not answered in order. */
  #first: { line: number; reason: string }[] = [];
  #count = 0;

  private constructor(file: WriteStream | undefined) {
    this.#file = file;
  }

  /**
   * @param path the file for all rejected rows: CSV with the columns "line" and
   *   "reason" before those of the import, so that it can be mended and imported.
   * @throws Failure if the file cannot be written.
   */
  static async open(path: string | undefined, header: readonly string[]): Promise<Rejects> {
    if (path === undefined) return new Rejects(undefined);
    const file = createWriteStream(path);
    try {
      await once(file, "open");
    } catch (error) {
      throw new Failure(`--rejects: ${oneLine(error)}`);
    }
    // A disk that is full shows when the file is closed.
    file.on("error", () => {});
    file.write(csvLine(["line", "reason", ...header]));
    return new Rejects(file);
  }

  get count(): number {
    return this.#count;
  }

  add(row: Row, reason: string): void {
    this.#count++;
    const last = this.#first[LISTED - 1];
    if (last === undefined || row.line < last.line) {
      this.#first.push({ line: row.line, reason });
      this.#first.sort((a, b) => a.line - b.line);
      this.#first.length = Math.min(this.#first.length, LISTED);
    }
    this.#file?.write(csvLine([String(row.line), reason, ...row.values]));
  }

  /** The first rejected rows of a file by line, and how many more there are; a line for each. */
  list(file: string): string[] {
    const lines = this.#first.map(({ line, reason }) => `${file}, line ${line}: ${reason}`);
    const more = this.#count - this.#first.length;
    if (more > 0) lines.push(`… and ${count(more)} more; --rejects FILE keeps them all`);
    return lines;
  }

  /** @throws Failure if not all could be written. */
  async close(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    await new Promise<void>((resolve) => file.end(() => resolve()));
    if (file.errored) throw new Failure(`--rejects: ${oneLine(file.errored)}`);
  }
}
