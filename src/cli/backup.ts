import type { Command } from "commander";

/** Adds `marquee backup`. */
export function addBackup(program: Command): void {
  program
    .command("backup <directory>")
    .description("Back the running server up into a new directory.")
    .addHelpText(
      "after",
      `
The backup has the log and the state of the server, each as it was at one
moment, with a manifest; what is made from them is not in it. A backup that
fails or is interrupted leaves no directory. \`marquee restore\` brings it back.

Example:
  marquee backup /backups/2026-01-31`,
    )
    .action(async (directory: string, _options: unknown, command: Command) => {
      const { runBackup } = await import("./backup-run.ts");
      await runBackup(directory, command);
    });
}
