import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";

/** A book of the sample catalog. */
export interface Book {
  /** The id of its item: a slug of its title. */
  readonly id: string;
  readonly title: string;
  readonly authors: readonly string[];
  /** When it was first published; of what came out in parts, usually when it was a book. */
  readonly year: number;
  /** What it was written in: an ISO 639-1 code. */
  readonly language: string;
  /** Slugs, the strongest first. */
  readonly categories: readonly string[];
  readonly description: string;
}

/**
 * The books are in the public domain, of authors who died before 1956, first
 * published before 1931. The file has the columns that `marquee import catalog`
 * takes.
 */
const file = new URL("./books.csv", import.meta.url);

/** The sample catalog, by id. */
export async function readBooks(): Promise<Book[]> {
  const rows: Record<string, string>[] = parse(await readFile(file), { columns: true });
  return rows.map(
    ({
      id = "",
      title = "",
      authors = "",
      year = "",
      language = "",
      categories = "",
      description = "",
    }) => ({
      id,
      title,
      authors: authors.split(", "),
      year: Number(year),
      language,
      categories: categories.split("|"),
      description,
    }),
  );
}
