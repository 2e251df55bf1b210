import { existsSync } from "node:fs";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import type { ExportOptions, Format } from "./export.ts";
import { openSink, type Sink } from "./export-sink.ts";
import { Failure } from "./failure.ts";
import { count } from "./format.ts";
import { print, say } from "./output.ts";
import { Progress } from "./progress.ts";
import { withServer, type Session } from "./session.ts";
import { interruptible } from "./stop-signal.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = {
  "interval.start_time": "--since",
  "interval.end_time": "--until",
  viewer_id: "--viewer",
};

/**
 * Exports views, to stdout without a file, and says how many there were.
 *
 * @throws Failure if it could not be done; then there is no file.
 */
export async function runExport(
  file: string | undefined,
  format: Format,
  options: ExportOptions,
  command: Command,
): Promise<void> {
  if (file !== undefined && existsSync(file) && options.force !== true) {
    throw new Failure(`${file} is there already: --force replaces it`);
  }
  await interruptible((signal) =>
    withServer(command, { names }, async (session) => {
      const sink = await openSink(file, format);
      let views: number;
      try {
        views = await write(session, options, sink, file ?? "export", signal);
        await sink.finish();
      } catch (error) {
        await sink.abandon();
        throw error;
      }
      if (file === undefined) say(`${count(views)} views`);
      else if (session.options.json === true) print(JSON.stringify({ file, format, views }));
      else print(`${count(views)} views in ${file}`);
    }),
  );
}

async function write(
  { client }: Session,
  { since, until, viewer }: ExportOptions,
  sink: Sink,
  label: string,
  signal: AbortSignal,
): Promise<number> {
  let [views, position, end] = [0, 0, -1];
  const progress = new Progress(label, () => ({
    share: end > 0 ? position / end : 0,
    text: `${count(views)} views`,
  }));
  try {
    const request = {
      viewerId: viewer ?? "",
      interval: {
        ...(since === undefined ? {} : { startTime: timestampFromMs(since) }),
        ...(until === undefined ? {} : { endTime: timestampFromMs(until) }),
      },
    };
    for await (const page of client.analytics.exportViews(request, { signal })) {
      await sink.write(page.views);
      signal.throwIfAborted();
      views += page.views.length;
      position = Number(page.position);
      end = Number(page.endPosition);
    }
  } finally {
    progress.stop();
  }
  if (position !== end) {
    throw new Failure("the server ended the stream before all views had come: try again");
  }
  return views;
}
