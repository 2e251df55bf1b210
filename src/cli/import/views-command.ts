import type { Command } from "commander";
import type { GlobalOptions } from "../options.ts";
import type { ViewsOptions } from "./views.ts";

/** Adds `marquee import views`. */
export function addImportViews(imports: Command): Command {
  return imports
    .command("views <file>")
    .description("Import views that were counted elsewhere; they count here, each once.")
    .option(
      "--video <column>",
      "what was viewed (default: video_name, video, video_id, item_id, …)",
    )
    .option("--viewer <column>", "who viewed (default: viewer_id, viewer, user_id or user)")
    .option("--view-id <column>", "what tells a view from others (default: view_id, see below)")
    .option(
      "--time <column>",
      "when it began: ISO 8601, or Unix time in seconds or milliseconds (default: start_time, time or timestamp, else now)",
    )
    .option(
      "--watch <column>",
      "for how many seconds it was watched (default: watch or watch_seconds)",
    )
    .option("--country <column>", "where, as two letters (default: country)")
    .option("--device <column>", "on what (default: device)")
    .option("--referrer <column>", "from where (default: referrer)")
    .option("--progress <column>", "how far into the video, from 0 to 1 (default: progress)")
    .option("--properties <column>", "what else there is, as JSON (default: properties)")
    .addHelpText(
      "after",
      `
Without a column of view ids, the id of a view is made from the name of the
file, the number of the line and the values of the row (SHA-256): the same file
imported again has only duplicates. Times without a zone are UTC. What
\`marquee export\` writes as CSV has all of these columns; where its column bot
is true, the view is that of a bot, if the server counts those apart.

Examples:
  marquee import views views.csv.gz
  marquee import views plays.csv --video track --viewer member --time played_at --watch seconds`,
    )
    .action(async (file: string, options: ViewsOptions, command: Command) => {
      const [{ runImport }, { viewsKind }] = await Promise.all([
        import("./run.ts"),
        import("./views.ts"),
      ]);
      const { timeout } = command.optsWithGlobals<GlobalOptions>();
      await runImport(command, file, viewsKind(options, timeout * 1_000));
    });
}
