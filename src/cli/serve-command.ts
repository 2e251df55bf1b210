import type { Command } from "commander";

/** The options of `marquee serve`. */
export interface ServeOptions {
  /** Whether an empty catalog is filled with sample data. Default: no. */
  readonly demo?: boolean;
}

/** Adds `marquee serve`. Its settings are environment variables, so that a container needs no arguments. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("Run the server until SIGTERM or Ctrl-C.")
    .option(
      "--demo",
      "if the catalog is empty, load sample data: books, and an audience that is made up",
    )
    .configureHelp({ showGlobalOptions: false })
    .action(async (options: ServeOptions) => {
      const { serve } = await import("./serve.ts");
      await serve(options);
    });
  // The table of settings is loaded only for the command that shows it.
  program.hook("preSubcommand", async (_program, command) => {
    if (command.name() !== "serve") return;
    const { settings } = await import("../config.ts");
    const lines = Object.entries(settings).map(
      ([name, { default: value, meaning }]) => `  ${name}\n      ${meaning} (default: ${value})`,
    );
    command.addHelpText(
      "after",
      `\nSettings, as environment variables:\n${lines.join("\n")}\n\nExamples:\n  MARQUEE_PORT=9090 marquee serve\n  marquee serve --demo`,
    );
  });
}
