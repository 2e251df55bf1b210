import type { Command } from "commander";
import { withServer } from "./session.ts";

/** Adds `marquee model`. */
export function addModel(program: Command): void {
  program
    .command("model")
    .description("Tell what the recommender was trained on, and how good it is.")
    .addHelpText("after", "\nExample:\n  marquee model --json")
    .action((_options: unknown, command: Command) =>
      withServer(command, {}, async ({ client, answer }) => {
        const { describeModel } = await import("./describe-model.ts");
        const response = await client.recommendations.getModel({});
        answer(response, () => describeModel(response.model));
      }),
    );
}
