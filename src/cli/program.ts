import { Command, CommanderError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { Failure, oneLine } from "./failure.ts";
import { globalOptions } from "./options.ts";
import { endWithReader, say } from "./output.ts";

/** The command "marquee", with the options that all of its commands take, and no commands yet. */
export function createProgram(): Command {
  const program = new Command("marquee")
    .description("Counts every view and recommends what comes next.")
    .version(manifest.version, "-V, --version", "write the version to stdout")
    .addHelpText(
      "after",
      "\nExit codes: 0 done; 1 failed; 2 an import rejected rows; 130 interrupted.\n\nExamples:\n  marquee serve\n  marquee log-view big-buck-bunny --viewer ann\n  marquee recommend ann --json",
    )
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    // A usage error is one line: runProgram writes it.
    .configureOutput({ outputError: () => {}, writeErr: () => {} })
    .exitOverride();
  for (const option of globalOptions()) program.addOption(option);
  return program;
}

/**
 * Runs the command that the arguments name. Whatever goes wrong is one line on
 * stderr; the exit code of the process is set, and it ends by itself.
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<void> {
  endWithReader();
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
      if (error.exitCode !== 0) say(usageError(program, args, error));
      return;
    }
    process.exitCode = error instanceof Failure ? error.exitCode : 1;
    say(`marquee: ${oneLine(error)}`);
  }
}

function usageError(program: Command, args: readonly string[], error: CommanderError): string {
  let command = program;
  let path = program.name();
  for (const arg of args) {
    const next = command.commands.find((candidate) => candidate.name() === arg);
    if (next === undefined) continue;
    command = next;
    path += ` ${next.name()}`;
  }
  // Commander reports a command that has only subcommands as "(outputHelp)".
  const message =
    error.code === "commander.help"
      ? "name a command"
      : oneLine(error).replaceAll(/^error: |\.$/g, "");
  return `marquee: ${message}; \`${path} --help\` tells more`;
}
