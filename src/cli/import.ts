import type { Command } from "commander";
import { addImportCatalog } from "./import/catalog-command.ts";
import { addImportFeedback } from "./import/feedback-command.ts";
import { addImportViews } from "./import/views-command.ts";
import { delimiter } from "./options.ts";

/** The options that every import takes. */
export interface ImportOptions {
  readonly rejects?: string;
  readonly delimiter: string;
}

const NOTES = `
The file may be compressed with gzip. Its first line names the columns. A row
that is refused is listed with the number of its line, and the others go in.
An import can be run again: what is there already changes nothing.
Exit codes: 0 every row went in; 1 the import failed; 2 rows were rejected; 130 interrupted.
`;

/** Adds `marquee import` with its kinds. */
export function addImport(program: Command): void {
  const imports = program
    .command("import")
    .helpCommand(false)
    .description("Import a CSV file: a catalog, feedback or views.");
  for (const add of [addImportCatalog, addImportFeedback, addImportViews]) {
    add(imports)
      .option("--delimiter <char>", "what separates columns; tab for tabulators", delimiter, ",")
      .option("--rejects <file>", "write all rejected rows there, as CSV with line and reason")
      .addHelpText("after", NOTES.trimEnd());
  }
}
