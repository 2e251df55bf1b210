import { toJsonString } from "@bufbuild/protobuf";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { ExportedViewSchema, type ExportedView } from "../../gen/analytics/v1/export_pb.js";
import { csvLine } from "./import/csv.ts";

/** How views become text. */
export interface TextForm {
  /** What a file begins with. */
  readonly head: string;
  /** The text of some views, each with its line end. */
  lines(views: readonly ExportedView[]): string;
}

const columns: Readonly<Record<string, (view: ExportedView) => string>> = {
  view_id: (view) => view.viewId,
  video_name: (view) => view.videoName,
  viewer_id: (view) => view.viewerId,
  start_time: startTime,
  watch_seconds: (view) => String(watchMs(view) / 1_000),
  progress,
  country: (view) => view.country,
  device: (view) => view.device,
  referrer: (view) => view.referrer,
  properties,
  bot: (view) => String(view.bot),
};

/** CSV with the columns that `marquee import views` knows. */
export const csvText: TextForm = {
  head: csvLine(Object.keys(columns)),
  lines: (views) => linesOf(views, (view) => csvLine(valuesOf(columns, view))),
};

/** A JSON object on each line, as the API has it. */
export const jsonLines: TextForm = {
  head: "",
  lines: (views) =>
    linesOf(
      views,
      (view) => `${toJsonString(ExportedViewSchema, view, { alwaysEmitImplicit: true })}\n`,
    ),
};

const rawColumns: Readonly<Record<string, (view: ExportedView) => string>> = {
  ...columns,
  watch_ms: (view) => String(watchMs(view)),
  position: (view) => String(view.position),
};

/** CSV without a head: some columns as they are to be read by a program. */
export function rawText(names: readonly string[]): TextForm {
  const chosen = Object.fromEntries(names.map((name) => [name, rawColumns[name] ?? (() => "")]));
  return {
    head: "",
    lines: (views) => linesOf(views, (view) => csvLine(valuesOf(chosen, view))),
  };
}

function linesOf(views: readonly ExportedView[], lineOf: (view: ExportedView) => string): string {
  let text = "";
  for (const view of views) text += lineOf(view);
  return text;
}

function valuesOf(chosen: typeof columns, view: ExportedView): string[] {
  return Object.values(chosen).map((valueOf) => valueOf(view));
}

function startTime({ startTime: time }: ExportedView): string {
  return time === undefined ? "" : new Date(timestampMs(time)).toISOString();
}

function watchMs({ watchDuration }: ExportedView): number {
  return watchDuration === undefined ? 0 : durationMs(watchDuration);
}

function progress(view: ExportedView): string {
  return view.progress === undefined ? "" : String(view.progress);
}

function properties(view: ExportedView): string {
  return Object.keys(view.properties).length === 0 ? "" : JSON.stringify(view.properties);
}
