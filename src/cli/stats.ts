import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { count, span } from "./format.ts";
import { withServer } from "./session.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = { video_name: "<video>" };

/** Adds `marquee stats`. */
export function addStats(program: Command): void {
  program
    .command("stats <video>")
    .description(
      "Tell how often a video was viewed, by how many viewers, for how long, and how far.",
    )
    .addHelpText("after", "\nExample:\n  marquee stats big-buck-bunny")
    .action((video: string, _options: unknown, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const { durationMs } = await import("@bufbuild/protobuf/wkt");
        const { percent } = await import("./query-table.ts");
        const response = await client.analytics.getViewStats({ videoName: video });
        const { watchDuration, averageProgress, completionRate, botViews } = response;
        answer(response, () =>
          [
            `views           ${count(response.views)}`,
            `unique viewers  ${count(response.uniqueViewers)}`,
            `watched         ${span(watchDuration === undefined ? 0 : durationMs(watchDuration))} (h:mm:ss)`,
            ...(averageProgress === undefined
              ? []
              : [
                  `progress        ${percent(averageProgress)} on average`,
                  `to the end      ${percent(completionRate)}`,
                ]),
            ...(botViews === 0n ? [] : [`bot views       ${count(botViews)}`]),
          ].join("\n"),
        );
      }),
    );
}
