import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { count } from "./format.ts";
import { moment, watchMs } from "./options.ts";
import { withServer } from "./session.ts";

interface LogViewOptions {
  readonly viewer?: string;
  readonly viewId?: string;
  /** Milliseconds. */
  readonly watch?: number;
  /** Milliseconds since 1970. */
  readonly time?: number;
  readonly country?: string;
  readonly device?: string;
  readonly referrer?: string;
}

/** What this command calls the fields of its request. */
const names: FieldNames = {
  video_name: "<video>",
  viewer_id: "--viewer",
  view_id: "--view-id",
  start_time: "--time",
  watch_duration: "--watch",
  country: "--country",
  device: "--device",
  referrer: "--referrer",
};

/** Adds `marquee log-view`. */
export function addLogView(program: Command): void {
  program
    .command("log-view <video>")
    .description("Log one view of a video. When it answers, the view is on disk.")
    .option("--viewer <id>", "who viewed (default: nobody in particular)")
    .option(
      "--view-id <id>",
      "what tells this view from others: logged twice, it counts once (default: random)",
    )
    .option("--watch <seconds>", "for how long it was watched (default: 0)", watchMs)
    .option(
      "--time <time>",
      "when it began: ISO 8601, Unix time, or so long ago such as 2h (default: now)",
      moment,
    )
    .option("--country <code>", "where: two letters, such as NL")
    .option("--device <name>", "on what, such as phone")
    .option("--referrer <url>", "from where")
    .addHelpText(
      "after",
      "\nExamples:\n  marquee log-view big-buck-bunny --viewer ann\n  marquee log-view sintel --viewer ann --view-id 17 --watch 95.5 --country NL",
    )
    .action((video: string, options: LogViewOptions, command: Command) =>
      withServer(command, { names }, async ({ client, answer }) => {
        const { timestampFromMs, durationFromMs } = await import("@bufbuild/protobuf/wkt");
        const { time, watch } = options;
        const response = await client.analytics.logView({
          videoName: video,
          // With an id the call can be repeated, should the connection break.
          viewId: options.viewId ?? randomUUID(),
          viewerId: options.viewer ?? "",
          ...(time === undefined ? {} : { startTime: timestampFromMs(time) }),
          ...(watch === undefined ? {} : { watchDuration: durationFromMs(watch) }),
          country: options.country ?? "",
          device: options.device ?? "",
          referrer: options.referrer ?? "",
        });
        answer(
          response,
          () =>
            `${response.duplicate ? "Was logged before" : "Logged"}: view ${response.viewId} at position ${count(response.position)}.`,
        );
      }),
    );
}
