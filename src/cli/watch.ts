import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { withServer } from "./session.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = { video_names: "<videos>" };

/** Adds `marquee watch`. */
export function addWatch(program: Command): void {
  program
    .command("watch [videos...]")
    .description("Watch the counts of videos, or of all of them together, as they change.")
    .addHelpText(
      "after",
      "\nOn a terminal it is a table, elsewhere a line for each change; with --json, a line of JSON\nfor each message. It goes on until Ctrl-C, also when the server is restarted.\n\nExamples:\n  marquee watch\n  marquee watch big-buck-bunny sintel",
    )
    .action((videoNames: string[], _options: unknown, command: Command) =>
      withServer(command, { names }, async ({ client, options, answer }) => {
        const [{ readEndless }, { openView }] = await Promise.all([
          import("./endless.ts"),
          import("./watch-view.ts"),
        ]);
        const view = openView();
        await readEndless(
          options.url,
          (signal) => client.analytics.watchViews({ videoNames }, { signal }),
          (message) => {
            if (options.json !== true) view.show(message.counts);
            else if (message.counts.length > 0) answer(message, () => "");
            return false;
          },
        );
      }),
    );
}
