import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { positive } from "./options.ts";
import { withServer } from "./session.ts";
import { table, terminalWidth } from "./table.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = { id: "<id>", max_results: "--max" };

/** Adds `marquee similar`. */
export function addSimilar(program: Command): void {
  program
    .command("similar <id>")
    .description("List the items most similar to one: those that the same people like.")
    .option("--max <n>", "how many items at most, up to 100", positive, 10)
    .addHelpText("after", "\nExample:\n  marquee similar 42 --max 5")
    .action((id: string, options: { max: number }, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const response = await client.recommendations.listSimilarItems({
          id,
          maxResults: options.max,
        });
        answer(response, () =>
          response.items.length === 0
            ? "Too little is known of it."
            : table(
                [
                  { title: "#", align: "right" },
                  { title: "ID" },
                  { title: "TITLE", cut: true },
                  { title: "SIMILARITY", align: "right" },
                ],
                response.items.map((item, i) => [
                  String(i + 1),
                  item.id,
                  item.title,
                  item.similarity.toFixed(3),
                ]),
                terminalWidth(),
              ),
        );
      }),
    );
}
