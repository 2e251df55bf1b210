import type { Command } from "commander";

/** Adds `marquee serve`. Its options are environment variables, so that a container needs no arguments. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("Run the server until SIGTERM or Ctrl-C.")
    .configureHelp({ showGlobalOptions: false })
    .action(async () => {
      const { serve } = await import("./serve.ts");
      await serve();
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
      `\nSettings, as environment variables:\n${lines.join("\n")}\n\nExample:\n  MARQUEE_PORT=9090 marquee serve`,
    );
  });
}
