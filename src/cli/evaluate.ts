import { Option, type Command } from "commander";
import { KIND_NAMES } from "./import/kind-names.ts";
import { delimiter, moment, naturalNumber, positive } from "./options.ts";

/** The flags of `marquee evaluate`. */
export interface EvaluateOptions {
  readonly split: "viewer" | "time";
  readonly at?: number;
  readonly viewers: number;
  readonly seed: number;
  readonly chart?: string;
  readonly user?: string;
  readonly item?: string;
  readonly kind?: (typeof KIND_NAMES)[number];
  readonly kindColumn?: string;
  readonly value?: string;
  readonly time?: string;
  readonly delimiter?: string;
}

/** Adds `marquee evaluate`. */
export function addEvaluate(program: Command): void {
  program
    .command("evaluate [file]")
    .description("Tell how well the recommender ranks, next to popularity and item cosine.")
    .addOption(
      new Option(
        "--split <how>",
        "what is hidden: some of what some viewers like, or what they liked later",
      )
        .choices(["viewer", "time"])
        .default("viewer"),
    )
    .option(
      "--at <time>",
      "of --split time: from when on it is hidden (default: the last fifth)",
      moment,
    )
    .option("--viewers <n>", "how many viewers are ranked for at most, from 10", positive, 5_000)
    .option("--seed <n>", "what random choices begin with", naturalNumber, 0)
    .option("--chart <file>", "draw the figures there, as SVG")
    .option("--user <column>", "of a file: who (default: user_id, user, viewer_id, …)")
    .option("--item <column>", "of a file: of what (default: item_id, book_id, video_id, …)")
    .addOption(
      new Option(
        "--kind <kind>",
        "of a file: what kind of interaction all of it is (default: rating, if there is a column rating, else like)",
      )
        .choices(KIND_NAMES)
        .conflicts("kindColumn"),
    )
    .option("--kind-column <column>", "of a file: the column that has the kind of each row")
    .option("--value <column>", "of a file: the rating, from 1 to 5 (default: rating or value)")
    .option(
      "--time <column>",
      "of a file: when (default: time or timestamp); only needed for --split time",
    )
    .option(
      "--delimiter <char>",
      "of a file: what separates columns; tab for tabulators",
      delimiter,
    )
    .addHelpText(
      "after",
      `
Without a file, the server evaluates on its log, and the model in place stays. A
file is evaluated here, and no server is needed: CSV with a line of names, or
JSON lines, compressed with gzip or not.

Between the two numbers behind a figure it is with 95 % confidence. A ~ says that
it differs from the model's by no more than chance may.
Exit codes: 0 done; 1 failed; 2 the file has faulty rows, which are listed.

Examples:
  marquee evaluate --split time
  marquee evaluate ratings.csv.gz --chart ratings.svg
  marquee evaluate likes.tsv --kind like --delimiter tab --json`,
    )
    .action(async (file: string | undefined, options: EvaluateOptions, command: Command) => {
      const { runEvaluate } = await import("./evaluate/run.ts");
      await runEvaluate(command, file, options);
    });
}
