import type { Command } from "commander";

/** The options of `marquee restore`. */
export interface RestoreOptions {
  readonly dataDir: string;
  readonly replace?: true;
}

/** Adds `marquee restore`. */
export function addRestore(program: Command): void {
  program
    .command("restore <directory>")
    .description("Bring a backup back, where no server runs.")
    .option(
      "--data-dir <directory>",
      "the data directory (default: MARQUEE_DATA_DIR, else ./data)",
      process.env["MARQUEE_DATA_DIR"] || "./data",
    )
    .option("--replace", "replace the data that is there; it is deleted")
    .addHelpText(
      "after",
      `
The backup is checked before anything is touched. The next start of the server
makes from it what is not in it; that may take a while, in which it is not
ready. Viewers who were erased stay so, whether that was before the backup or,
as the data directory knows, after it.

Example:
  marquee restore /backups/2026-01-31 --replace`,
    )
    .action(async (directory: string, options: RestoreOptions, command: Command) => {
      const { runRestore } = await import("./restore-run.ts");
      await runRestore(directory, options, command);
    });
}
