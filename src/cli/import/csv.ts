import { CsvError, Parser } from "csv-parse";
import { Failure } from "../failure.ts";
import { LineCounter } from "./line-counter.ts";

/** A row of a CSV file. */
export interface Row {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly values: readonly string[];
}

/** More than this is no row, but a quote that was never closed. */
const MAX_ROW_BYTES = 1_000_000;

/**
 * The rows of CSV bytes, a batch for each chunk that completes any. UTF-8,
 * with or without a byte order mark; lines end with LF or CR LF; empty lines
 * are passed over. A quote inside a value that is not quoted stands for itself.
 *
 * @throws Failure naming the line of a quote that is never closed.
 */
export async function* csvRows(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<Row[]> {
  const lines = new LineCounter();
  let rows: Row[] = [];
  let end = 0;
  const parser = new Parser({
    bom: true,
    delimiter,
    max_record_size: MAX_ROW_BYTES,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    // Rows are taken here and never enter the stream, which would cost a
    // promise for each.
    on_record: (values: string[], { bytes }) => {
      rows.push({ line: lines.lineAt(end), values });
      end = bytes;
      return null;
    },
  });
  // Errors come through the callbacks of write and end.
  parser.on("error", () => {});
  const explain = (error: unknown): unknown => {
    if (!(error instanceof CsvError)) return error;
    return new Failure(
      error.code === "CSV_QUOTE_NOT_CLOSED" || error.code === "CSV_MAX_RECORD_SIZE"
        ? `line ${lines.lineAt(end)}: a quote is opened and never closed`
        : error.message,
    );
  };
  const parse = async (step: (done: (error?: Error | null) => void) => void): Promise<Row[]> => {
    let failure: unknown;
    await new Promise<void>((resolve) => {
      step((error) => {
        failure = error ?? undefined;
        resolve();
      });
    });
    if (failure !== undefined) throw explain(failure);
    const parsed = rows;
    rows = [];
    return parsed;
  };
  for await (const chunk of chunks) {
    lines.add(chunk);
    const parsed = await parse((done) => parser.write(chunk, done));
    if (parsed.length > 0) yield parsed;
  }
  const last = await parse((done) => parser.end(done));
  if (last.length > 0) yield last;
}

/** A row of CSV text, with its line end; quoted where it has to be. */
export function csvLine(values: readonly string[]): string {
  const cells = values.map((value) =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
  );
  return `${cells.join(",")}\n`;
}
