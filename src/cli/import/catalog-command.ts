import type { Command } from "commander";
import type { CatalogOptions } from "./catalog.ts";

/** Adds `marquee import catalog`. */
export function addImportCatalog(imports: Command): Command {
  return imports
    .command("catalog <file>")
    .description("Import the items that can be viewed and recommended.")
    .option("--id <column>", "what tells an item from others (default: id, item_id, book_id, …)")
    .option("--title <column>", "what people call it (default: title or name)")
    .option("--creators <column>", "who made it (default: creators, authors or author)")
    .option("--categories <column>", "what it is about (default: categories, genres or tags)")
    .option("--description <column>", "what it is (default: description)")
    .option(
      "--property <column>",
      "keep another column too, under its name or another: COLUMN or NAME=COLUMN; repeatable",
      (column: string, columns: string[] = []) => [...columns, column],
    )
    .option("--creators-separator <text>", "what separates creators", ",")
    .option("--categories-separator <text>", "what separates categories", "|")
    .addHelpText(
      "after",
      `
Categories are written as slugs: "Science Fiction" becomes science-fiction.
Of rows with the same id, the last one stands. Those before it count as
superseded, or as updates where they are far apart.

Examples:
  marquee import catalog books.csv --property year --property lang=language
  marquee import catalog films.csv --id movieId --creators director --rejects bad.csv`,
    )
    .action(async (file: string, options: CatalogOptions, command: Command) => {
      const [{ runImport }, { catalogKind }] = await Promise.all([
        import("./run.ts"),
        import("./catalog.ts"),
      ]);
      await runImport(command, file, catalogKind(options));
    });
}
