import { extname } from "node:path";
import { Option, type Command } from "commander";
import { Failure } from "./failure.ts";
import { moment } from "./options.ts";

/** The forms of an export. */
const FORMATS = ["csv", "jsonl", "parquet"] as const;
export type Format = (typeof FORMATS)[number];

/** The options of `marquee export`. */
export interface ExportOptions {
  readonly format?: Format;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  readonly viewer?: string;
  readonly force?: true;
}

/** Adds `marquee export`. */
export function addExport(program: Command): void {
  program
    .command("export [file]")
    .description("Write all views down, as they were logged: to a file, or to stdout.")
    .addOption(
      new Option(
        "--format <format>",
        "how they are written (default: as the file is called, else csv)",
      ).choices(FORMATS),
    )
    .option(
      "--since <time>",
      "only views that began then or later: ISO 8601, Unix time, or so long ago such as 7d (default: all)",
      moment,
    )
    .option("--until <time>", "only views that began before (default: all)", moment)
    .option("--viewer <id>", "only the views of one viewer (default: everybody's)")
    .option("--force", "replace the file if it is there")
    .addHelpText(
      "after",
      `
csv      what \`marquee import views\` takes; properties are JSON
jsonl    a JSON object for each view, with the field names of the API's JSON
parquet  start_time is a timestamp in UTC, watch_ms a whole number, properties a
         map of texts; what is not known is null; needs a file
An export that fails or is interrupted leaves no file.

Examples:
  marquee export views.parquet
  marquee export --since 2026-01-01 --until 2026-02-01 january.csv
  marquee export --viewer ann --format jsonl`,
    )
    .action(async (file: string | undefined, options: ExportOptions, command: Command) => {
      const format = options.format ?? formatOf(file);
      if (file === undefined && format === "parquet") {
        throw new Failure("parquet needs a file: name one");
      }
      const { runExport } = await import("./export-run.ts");
      await runExport(file, format, options, command);
    });
}

function formatOf(file: string | undefined): Format {
  if (file === undefined) return "csv";
  const extension = extname(file).slice(1).toLowerCase();
  const format = FORMATS.find((one) => one === extension);
  if (format !== undefined) return format;
  throw new Failure(
    `${file} is called neither .${FORMATS.join(", .")}: name the format with --format`,
  );
}
