import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { positive } from "./options.ts";
import { withServer } from "./session.ts";
import { table, terminalWidth } from "./table.ts";

interface RecommendOptions {
  readonly category?: string;
  readonly max: number;
  readonly exclude?: string[];
  readonly includeSeen?: boolean;
}

/** What this command calls the fields of its request. */
const names: FieldNames = {
  user_id: "<user>",
  category: "--category",
  max_results: "--max",
  exclude_ids: "--exclude",
};

/** Adds `marquee recommend`. */
export function addRecommend(program: Command): void {
  program
    .command("recommend <user>")
    .description("Recommend items to a user, best first.")
    .option("--category <category>", "only items of this category (default: all)")
    .option("--max <n>", "how many items at most, up to 1000", positive, 10)
    .option("--exclude <ids...>", "items that are not to be recommended")
    .option("--include-seen", "also what the user already viewed, rated or bought")
    .addHelpText(
      "after",
      "\nExamples:\n  marquee recommend ann\n  marquee recommend ann --category romance --max 5 --json",
    )
    .action((user: string, options: RecommendOptions, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const response = await client.recommendations.recommend({
          userId: user,
          category: options.category ?? "",
          maxResults: options.max,
          excludeIds: options.exclude ?? [],
          includeSeen: options.includeSeen ?? false,
        });
        answer(response, () =>
          response.recommendations.length === 0
            ? "Nothing to recommend."
            : table(
                [
                  { title: "#", align: "right" },
                  { title: "ID" },
                  { title: "TITLE", cut: true },
                  { title: "SCORE", align: "right" },
                  { title: "WHY", cut: true },
                ],
                response.recommendations.map((r, i) => [
                  String(i + 1),
                  r.id,
                  r.title,
                  r.score.toPrecision(3),
                  r.reason,
                ]),
                terminalWidth(),
              ),
        );
      }),
    );
}
