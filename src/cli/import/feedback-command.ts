import { Option, type Command } from "commander";
import { KIND_NAMES } from "./kind-names.ts";
import type { FeedbackOptions } from "./feedback.ts";

/** Adds `marquee import feedback`. */
export function addImportFeedback(imports: Command): Command {
  return imports
    .command("feedback <file>")
    .description("Import ratings, likes, purchases and other feedback, for the recommender.")
    .option("--user <column>", "who (default: user_id, user, viewer_id, …)")
    .option("--item <column>", "of what (default: item_id, book_id, video_id, …)")
    .addOption(
      new Option(
        "--kind <kind>",
        "what kind all of it is (default: rating, if there is a column rating)",
      )
        .choices(KIND_NAMES)
        .conflicts("kindColumn"),
    )
    .option("--kind-column <column>", "the column that has the kind of each row")
    .option("--value <column>", "the rating, from 1 to 5 (default: rating or value)")
    .option(
      "--time <column>",
      "when: ISO 8601, or Unix time in seconds or milliseconds (default: time or timestamp, else now)",
    )
    .addHelpText(
      "after",
      `
The latest feedback of a user on an item stands, for each kind; of rows without
a time, the last. Times without a zone are UTC.

Examples:
  marquee import feedback ratings.csv.gz
  marquee import feedback likes.csv --kind like --user member --item film`,
    )
    .action(async (file: string, options: FeedbackOptions, command: Command) => {
      const [{ runImport }, { feedbackKind }] = await Promise.all([
        import("./run.ts"),
        import("./feedback.ts"),
      ]);
      await runImport(command, file, feedbackKind(options));
    });
}
