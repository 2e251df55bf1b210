import { hash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  LogViewRequestSchema,
  type LogViewRequest,
} from "../../../gen/analytics/v1/ingestion_pb.js";
import { parseSeconds, parseTime } from "../time.ts";
import { Columns } from "./columns.ts";
import type { Row } from "./csv.ts";
import type { ImportKind, Parsed } from "./kind.ts";
import { logViews } from "./log-views.ts";

/** The flags of `marquee import views`. */
export interface ViewsOptions {
  readonly video?: string;
  readonly viewer?: string;
  readonly viewId?: string;
  readonly time?: string;
  readonly watch?: string;
  readonly country?: string;
  readonly device?: string;
  readonly referrer?: string;
  readonly progress?: string;
  readonly properties?: string;
}

/** What the server takes for a bot's, of a view that was one. */
const BOT = "Mozilla/5.0 (compatible; bot)";

const VIDEOS = ["video_name", "video", "video_id", "item_id", "item", "book_id", "movie_id"];
const VIEWERS = ["viewer_id", "viewer", "user_id", "user"];
const TIMES = ["start_time", "time", "timestamp", "viewed_at", "date"];
const WATCHES = ["watch", "watch_seconds", "watch_duration", "seconds"];

/**
 * How views are imported.
 *
 * @param timeoutMs how long a call may take, with its retries.
 */
export function viewsKind(options: ViewsOptions, timeoutMs: number): ImportKind<LogViewRequest> {
  return {
    outcomes: ["logged", "duplicates"],
    list: "",
    batchSize: 1_000,
    inFlight: 4,
    distinct: false,
    probe: (client) => client.analytics.getViewStats({ videoName: "-" }),
    reader: (file, header) => viewReader(new Columns(file, header), file, options),
    send: async (client, views, signal, refuse) => {
      const answer = await logViews(client, views, { timeoutMs, signal });
      for (const { index, field, reason } of answer.rejected) refuse(index, `${field}: ${reason}`);
      return [Number(answer.logged), Number(answer.duplicates)];
    },
  };
}

function viewReader(
  columns: Columns,
  file: string,
  options: ViewsOptions,
): (row: Row) => Parsed<LogViewRequest> {
  const video = columns.required(options.video, VIDEOS, "--video");
  const viewer = columns.optional(options.viewer, VIEWERS);
  const viewId = columns.optional(options.viewId, ["view_id"]);
  const time = columns.optional(options.time, TIMES);
  const watch = columns.optional(options.watch, WATCHES);
  const country = columns.optional(options.country, ["country"]);
  const device = columns.optional(options.device, ["device"]);
  const referrer = columns.optional(options.referrer, ["referrer", "referer"]);
  const progress = columns.optional(options.progress, ["progress"]);
  const properties = columns.optional(options.properties, ["properties"]);
  const bot = columns.optional(undefined, ["bot"]);
  return (row) => {
    const value = (index: number | undefined): string =>
      index === undefined ? "" : (row.values[index] ?? "").trim();
    const view = create(LogViewRequestSchema);
    view.videoName = value(video);
    view.viewerId = value(viewer);
    view.viewId = value(viewId) || madeId(file, row);
    view.country = value(country);
    view.device = value(device);
    view.referrer = value(referrer);
    const when = value(time);
    if (when !== "") {
      const ms = parseTime(when);
      if (ms === undefined)
        return `time: ${JSON.stringify(when)} is neither ISO 8601 nor Unix time`;
      view.startTime = timestampFromMs(ms);
    }
    const watched = value(watch);
    if (watched !== "") {
      const ms = parseSeconds(watched);
      if (ms === undefined) {
        return `watch: ${JSON.stringify(watched)} is no plain number of seconds`;
      }
      view.watchDuration = durationFromMs(ms);
    }
    const reached = value(progress);
    if (reached !== "") {
      if (!/^\d*\.?\d+$/.test(reached)) {
        return `progress: ${JSON.stringify(reached)} is no plain number from 0 to 1`;
      }
      view.progress = Number(reached);
    }
    const named = value(properties);
    if (named !== "") {
      const parsed = propertiesOf(named);
      if (parsed === undefined) {
        return `properties: ${JSON.stringify(named)} is no JSON object of texts`;
      }
      view.properties = parsed;
    }
    if (value(bot).toLowerCase() === "true") view.userAgent = BOT;
    return { row, message: view, key: "" };
  };
}

/** The properties that a value has as JSON; undefined if it is anything else. */
function propertiesOf(text: string): Record<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const texts = Object.values(value).every((one) => typeof one === "string");
    return texts ? (value as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

/** The same for the same row of the same file, so that another import of it finds duplicates. */
function madeId(file: string, row: Row): string {
  // Compressing a file makes no other views of it.
  const name = file.replace(/\.gz$/, "");
  return hash("sha256", JSON.stringify([name, row.line, row.values]), "base64url");
}
