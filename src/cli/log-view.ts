import { randomUUID } from "node:crypto";
import { InvalidArgumentError, type Command } from "commander";
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
  readonly progress?: number;
  readonly property?: Readonly<Record<string, string>>;
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
  progress: "--progress",
  properties: "--property",
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
    .option("--progress <share>", "how far into the video it got, from 0 to 1", share)
    .option("--property <name=value>", "what else there is to know; as often as needed", property)
    .addHelpText(
      "after",
      "\nExamples:\n  marquee log-view big-buck-bunny --viewer ann\n  marquee log-view sintel --viewer ann --view-id 17 --watch 95.5 --country NL\n  marquee log-view sintel --progress 0.8 --property plan=free --property ab=b",
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
          ...(options.progress === undefined ? {} : { progress: options.progress }),
          properties: options.property ?? {},
        });
        answer(
          response,
          () =>
            `${response.duplicate ? "Was logged before" : "Logged"}: view ${response.viewId} at position ${count(response.position)}.`,
        );
      }),
    );
}

/** Reads a share, for an option. */
function share(text: string): number {
  const value = Number(text);
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(text) || value > 1) {
    throw new InvalidArgumentError("It must be a number from 0 to 1, such as 0.8.");
  }
  return value;
}

/** Reads one more name and value, for an option. */
function property(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, name = "", value = ""] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === "") throw new InvalidArgumentError("It must be a name and a value: plan=free.");
  return { ...before, [name]: value };
}
