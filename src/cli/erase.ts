import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { Failure } from "./failure.ts";
import { count } from "./format.ts";
import { withServer } from "./session.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = { viewer_id: "<viewer>" };

/** Adds `marquee erase`. */
export function addErase(program: Command): void {
  program
    .command("erase <viewer>")
    .description("Erase a viewer: the id, and all views and feedback. There is no way back.")
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      "\nWhen it answers, no count and no recommendation knows the viewer any more. A\nbackup erases the viewer when it is restored.\n\nExample:\n  marquee erase ann --yes",
    )
    .action((viewer: string, options: { readonly yes?: true }, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        if (options.yes !== true) await confirm(viewer);
        const response = await client.analytics.eraseViewer({ viewerId: viewer });
        answer(response, () =>
          [
            `views erased     ${count(response.viewsErased)}`,
            `feedback erased  ${count(response.feedbackErased)}`,
          ].join("\n"),
        );
      }),
    );
}

/** @throws Failure if there is nobody to ask, or they do not want it. */
async function confirm(viewer: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Failure("there is no terminal to ask at: --yes erases without asking");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D are answers, too.
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("\n")));
  const question = `Erase all that is known of ${JSON.stringify(viewer)}, for good? [y/N] `;
  const asked = terminal.question(question);
  const answer = await Promise.race([asked.catch(() => ""), closed]);
  if (answer === "\n") process.stderr.write(answer);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("nothing was erased");
}
