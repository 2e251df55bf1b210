import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { Failure, oneLine } from "../failure.ts";
import { fileBytes } from "../import/bytes.ts";

/** A line of a file: its values in the order of the header, or what is wrong with it. */
export interface JsonRow {
  /** Its number, from 1. */
  readonly line: number;
  readonly values: readonly string[] | string;
}

/** So many rows at least are handed out at once; the header is what the first of them have. */
const BATCH = 1_000;

/** Whether a file begins as JSON lines do, decompressed or not. */
export async function isJsonLines(path: string): Promise<boolean> {
  const file = await openFile(path);
  try {
    for await (const chunk of fileBytes(file, () => {})) {
      const text = chunk.toString("latin1").trimStart();
      if (text !== "") return /^(?:\xef\xbb\xbf)?\s*\{/.test(text);
    }
    return false;
  } catch {
    // Whoever reads it says what is wrong with it.
    return false;
  } finally {
    await file.close();
  }
}

/** A file with a JSON object on each line, of texts, numbers and booleans. */
export class JsonLinesFile {
  /** Its name without directories. */
  readonly name: string;
  /** The names that its first objects have. */
  readonly header: readonly string[];
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #first: readonly Line[];
  readonly #lines: AsyncGenerator<Line[]>;
  readonly #progress: { bytes: number };

  private constructor(
    path: string,
    file: FileHandle,
    size: number,
    first: readonly Line[],
    lines: AsyncGenerator<Line[]>,
    progress: { bytes: number },
  ) {
    this.name = basename(path);
    this.header = [...new Set(first.flatMap(({ object }) => Object.keys(object ?? {})))];
    this.#file = file;
    this.#size = size;
    this.#first = first;
    this.#lines = lines;
    this.#progress = progress;
  }

  /** @throws Failure if it cannot be read. */
  static async open(path: string): Promise<JsonLinesFile> {
    const file = await openFile(path);
    try {
      const { size } = await file.stat();
      const progress = { bytes: 0 };
      const bytes = fileBytes(file, (count) => {
        progress.bytes += count;
      });
      const lines = linesOf(bytes);
      const { value: first = [] } = await lines.next();
      return new JsonLinesFile(path, file, size, first as Line[], lines, progress);
    } catch (error) {
      await file.close();
      throw new Failure(`${path}: ${oneLine(error)}`);
    }
  }

  /** How much of the file was read, from 0 to 1. */
  get share(): number {
    return this.#size === 0 ? 0 : Math.min(1, this.#progress.bytes / this.#size);
  }

  /** The rows, in batches; to be read once. */
  async *rows(): AsyncGenerator<JsonRow[]> {
    yield this.#first.map((line) => this.#rowOf(line));
    try {
      for await (const lines of this.#lines) yield lines.map((line) => this.#rowOf(line));
    } catch (error) {
      throw new Failure(`${this.name}: ${oneLine(error)}`);
    }
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
    await this.#file.close();
  }

  #rowOf({ line, object }: Line): JsonRow {
    if (object === undefined) return { line, values: "is no JSON object" };
    const values: string[] = [];
    for (const name of this.header) {
      const value = object[name] ?? "";
      if (typeof value === "object") {
        return { line, values: `${name}: must be a text or a number` };
      }
      values.push(String(value));
    }
    return { line, values };
  }
}

/** A line, and the object on it; undefined if there is none. */
interface Line {
  readonly line: number;
  readonly object: Readonly<Record<string, unknown>> | undefined;
}

async function* linesOf(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Line[]> {
  // Takes a byte order mark away.
  const decoder = new TextDecoder();
  let batch: Line[] = [];
  let line = 0;
  let rest = "";
  const add = (text: string): void => {
    line++;
    if (text.trim() !== "") batch.push({ line, object: objectOf(text) });
  };
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) add(text);
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  add(rest);
  yield batch;
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  return await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(error.code === "ENOENT" ? `there is no file ${path}` : oneLine(error));
  });
}
