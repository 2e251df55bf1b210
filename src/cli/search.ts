import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { positive } from "./options.ts";
import { withServer } from "./session.ts";
import { table, terminalWidth } from "./table.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = { query: "<query>", category: "--category", page_size: "--max" };

/** Adds `marquee search`. */
export function addSearch(program: Command): void {
  program
    .command("search <query...>")
    .description("Find items by the words of their titles, creators, categories and descriptions.")
    .option("--category <category>", "only items of this category (default: all)")
    .option("--max <n>", "how many items at most, up to 100", positive, 10)
    .addHelpText(
      "after",
      `
All words must be in an item, the last one may be only begun.

Examples:
  marquee search jane austen
  marquee search pride prej --category classics --max 5 --json`,
    )
    .action((words: string[], options: { category?: string; max: number }, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const response = await client.catalog.searchItems({
          query: words.join(" "),
          category: options.category ?? "",
          pageSize: options.max,
        });
        answer(response, () =>
          response.items.length === 0
            ? "Nothing was found."
            : table(
                [
                  { title: "#", align: "right" },
                  { title: "ID" },
                  { title: "TITLE", cut: true },
                  { title: "CREATORS", cut: true },
                ],
                response.items.map((item, i) => [
                  String(i + 1),
                  item.id,
                  item.title,
                  item.creators.join(", "),
                ]),
                terminalWidth(),
              ),
        );
      }),
    );
}
