import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { count, span } from "./format.ts";
import { moment, positive } from "./options.ts";
import { withServer } from "./session.ts";
import { table, terminalWidth } from "./table.ts";

interface TopOptions {
  readonly since?: number;
  readonly until?: number;
  readonly max: number;
}

/** What this command calls the fields of its request. */
const names: FieldNames = {
  "interval.start_time": "--since",
  "interval.end_time": "--until",
  page_size: "--max",
};

/** Adds `marquee top`. */
export function addTop(program: Command): void {
  program
    .command("top")
    .description("List the most viewed videos.")
    .option(
      "--since <time>",
      "only views that began then or later: ISO 8601, Unix time, or so long ago such as 7d (default: all)",
      moment,
    )
    .option("--until <time>", "only views that began before (default: all)", moment)
    .option("--max <n>", "how many videos at most, up to 1000", positive, 10)
    .addHelpText(
      "after",
      "\nExamples:\n  marquee top --since 7d\n  marquee top --since 2026-01-01 --until 2026-02-01 --max 100 --json",
    )
    .action((options: TopOptions, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const { durationMs, timestampFromMs } = await import("@bufbuild/protobuf/wkt");
        const { since, until } = options;
        const response = await client.analytics.listTopVideos({
          pageSize: options.max,
          interval: {
            ...(since === undefined ? {} : { startTime: timestampFromMs(since) }),
            ...(until === undefined ? {} : { endTime: timestampFromMs(until) }),
          },
        });
        answer(response, () =>
          response.videos.length === 0
            ? "Nothing was viewed."
            : table(
                [
                  { title: "#", align: "right" },
                  { title: "VIDEO", cut: true },
                  { title: "VIEWS", align: "right" },
                  { title: "VIEWERS", align: "right" },
                  { title: "WATCHED", align: "right" },
                ],
                response.videos.map((video, i) => [
                  String(i + 1),
                  video.videoName,
                  count(video.views),
                  count(video.uniqueViewers),
                  span(video.watchDuration === undefined ? 0 : durationMs(video.watchDuration)),
                ]),
                terminalWidth(),
              ),
        );
      }),
    );
}
