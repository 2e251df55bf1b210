import type { Command } from "commander";
import { Failure } from "./failure.ts";
import { withServer } from "./session.ts";

/** Adds `marquee train`. */
export function addTrain(program: Command): void {
  program
    .command("train")
    .description("Train the recommender on everything logged so far, and wait for it.")
    .addHelpText(
      "after",
      "\nIt waits as long as it takes, unless --timeout is given. Ctrl-C stops the waiting, not the training.\n\nExample:\n  marquee train",
    )
    .action((_options: unknown, command: Command) =>
      withServer(command, {}, async ({ client, options, answer }) => {
        const [{ TrainModelResponse_Stage: Stage }, { describeTraining }, { Progress }] =
          await Promise.all([
            import("../../gen/recommendations/v1/recommendations_service_pb.js"),
            import("./describe-model.ts"),
            import("./progress.ts"),
          ]);
        const limited = command.getOptionValueSourceWithGlobals("timeout") !== "default";
        const state = { share: 0, text: "waiting" };
        const progress = new Progress("training", () => state);
        try {
          const stream = client.recommendations.trainModel(
            {},
            limited ? { timeoutMs: options.timeout * 1_000 } : {},
          );
          for await (const message of stream) {
            state.share = message.progress;
            state.text = Stage[message.stage].toLowerCase();
            if (message.stage !== Stage.DONE) continue;
            progress.stop();
            answer(message, () => describeTraining(message));
            return;
          }
        } finally {
          progress.stop();
        }
        throw new Failure("the server ended the stream before the training was done: try again");
      }),
    );
}
