import { once } from "node:events";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import type { ExportedView } from "../../gen/analytics/v1/export_pb.js";
import type { Format } from "./export.ts";
import { csvText, jsonLines, type TextForm } from "./export-text.ts";

/** Where the views of an export go. */
export interface Sink {
  /** Takes the next views; who gives them waits until they are written. */
  write(views: readonly ExportedView[]): Promise<void>;
  /** All views were given: the file is complete, and on disk. */
  finish(): Promise<void>;
  /** No more views come: nothing is left of the file. */
  abandon(): Promise<void>;
}

/**
 * Opens the sink of a file, or of stdout. The file gets its name at the end; until
 * then there is one with ".partial" after the name.
 */
export async function openSink(file: string | undefined, format: Format): Promise<Sink> {
  if (file === undefined) return new StdoutSink(formOf(format));
  if (format !== "parquet") return TextFile.open(file, formOf(format));
  const { ParquetFile } = await import("./export-parquet.ts");
  return ParquetFile.open(file);
}

function formOf(format: Format): TextForm {
  return format === "jsonl" ? jsonLines : csvText;
}

/** What a file is called while it is being written. */
export function partial(file: string): string {
  return `${file}.partial`;
}

class StdoutSink implements Sink {
  readonly #form: TextForm;

  constructor(form: TextForm) {
    this.#form = form;
    process.stdout.write(form.head);
  }

  async write(views: readonly ExportedView[]): Promise<void> {
    if (!process.stdout.write(this.#form.lines(views))) await once(process.stdout, "drain");
  }

  async finish(): Promise<void> {}

  async abandon(): Promise<void> {}
}

/** A file of text. */
export class TextFile implements Sink {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #form: TextForm;

  private constructor(path: string, file: FileHandle, form: TextForm) {
    this.#path = path;
    this.#file = file;
    this.#form = form;
  }

  static async open(path: string, form: TextForm): Promise<TextFile> {
    const file = await open(partial(path), "w");
    await file.writeFile(form.head);
    return new TextFile(path, file, form);
  }

  async write(views: readonly ExportedView[]): Promise<void> {
    await this.#file.writeFile(this.#form.lines(views));
  }

  async finish(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
    await rename(partial(this.#path), this.#path);
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(partial(this.#path), { force: true });
  }
}
