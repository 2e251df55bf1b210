import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { positive } from "./options.ts";
import { withServer } from "./session.ts";
import { table, terminalWidth } from "./table.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = { category: "--category", max_results: "--max" };

/** Adds `marquee trending`. */
export function addTrending(program: Command): void {
  program
    .command("trending")
    .description("List what is viewed and liked most these days.")
    .option("--category <category>", "only items of this category (default: all)")
    .option("--max <n>", "how many items at most, up to 1000", positive, 10)
    .addHelpText("after", "\nExample:\n  marquee trending --category fantasy")
    .action((options: { category?: string; max: number }, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const response = await client.recommendations.listTrendingItems({
          category: options.category ?? "",
          maxResults: options.max,
        });
        answer(response, () =>
          response.items.length === 0
            ? "Nothing trends: nothing was viewed or liked lately."
            : table(
                [
                  { title: "#", align: "right" },
                  { title: "ID" },
                  { title: "TITLE", cut: true },
                  { title: "SCORE", align: "right" },
                ],
                response.items.map((item, i) => [
                  String(i + 1),
                  item.id,
                  item.title,
                  item.score.toFixed(1),
                ]),
                terminalWidth(),
              ),
        );
      }),
    );
}
