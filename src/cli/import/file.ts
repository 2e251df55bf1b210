import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { Failure, oneLine } from "../failure.ts";
import { fileBytes } from "./bytes.ts";
import { csvRows, type Row } from "./csv.ts";

/** A CSV file that is being read, its header already. */
export class CsvFile {
  /** Its name without directories. */
  readonly name: string;
  /** The columns that its first row names. */
  readonly header: readonly string[];
  readonly #file: FileHandle;
  readonly #size: number;
  /** The rows that came with the header. */
  readonly #head: Row[];
  readonly #rest: AsyncGenerator<Row[]>;
  readonly #progress: { bytes: number };

  private constructor(
    path: string,
    file: FileHandle,
    size: number,
    first: Row[],
    rest: AsyncGenerator<Row[]>,
    progress: { bytes: number },
  ) {
    const [header, ...rows] = first;
    if (header === undefined) {
      throw new Failure(`${path} is empty: its first line must name the columns`);
    }
    this.name = basename(path);
    this.header = header.values.map((column) => column.trim());
    this.#file = file;
    this.#size = size;
    this.#head = rows;
    this.#rest = rest;
    this.#progress = progress;
  }

  /** @throws Failure if it cannot be read, or is empty. */
  static async open(path: string, delimiter: string): Promise<CsvFile> {
    const file = await open(path).catch((error: NodeJS.ErrnoException) => {
      throw new Failure(error.code === "ENOENT" ? `there is no file ${path}` : oneLine(error));
    });
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) throw new Failure(`${path} is a directory, not a file`);
      const progress = { bytes: 0 };
      const bytes = fileBytes(file, (count) => {
        progress.bytes += count;
      });
      const rows = csvRows(bytes, delimiter);
      const { value: first = [] } = await rows.next();
      return new CsvFile(path, file, stat.size, first, rows, progress);
    } catch (error) {
      await file.close();
      throw unreadable(path, error);
    }
  }

  /** How much of the file was read, from 0 to 1. */
  get share(): number {
    return this.#size === 0 ? 0 : Math.min(1, this.#progress.bytes / this.#size);
  }

  /** The rows after the header, in batches; to be read once. */
  async *rows(): AsyncGenerator<Row[]> {
    const head = this.#head.splice(0);
    yield head;
    try {
      yield* this.#rest;
    } catch (error) {
      throw unreadable(this.name, error);
    }
  }

  async close(): Promise<void> {
    await this.#rest.return(undefined);
    await this.#file.close();
  }
}

function unreadable(path: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const damaged = code.startsWith("Z_") ? "its gzip data is damaged: " : "";
  return new Failure(`${path}: ${damaged}${oneLine(error)}`);
}
