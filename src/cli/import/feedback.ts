import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  FeedbackKind,
  FeedbackSchema,
  type Feedback,
} from "../../../gen/recommendations/v1/feedback_pb.js";
import type { MarqueeClient } from "../../client/index.ts";
import { Failure } from "../failure.ts";
import { parseTime } from "../time.ts";
import { Columns } from "./columns.ts";
import type { Row } from "./csv.ts";
import { KIND_NAMES } from "./kind-names.ts";
import type { ImportKind, Parsed } from "./kind.ts";

/** The flags of `marquee import feedback`. */
export interface FeedbackOptions {
  readonly user?: string;
  readonly item?: string;
  readonly kind?: (typeof KIND_NAMES)[number];
  readonly kindColumn?: string;
  readonly value?: string;
  readonly time?: string;
}

export const USERS = ["user_id", "user", "viewer_id", "viewer", "reader_id", "member_id"];
export const ITEMS = ["item_id", "book_id", "video_id", "movie_id", "video_name", "item", "video"];
export const TIMES = ["time", "timestamp", "feedback_time", "created_at", "date"];

const KINDS: ReadonlyMap<string, FeedbackKind> = new Map(
  KIND_NAMES.map((name, index) => [name, index + 1]),
);

/** How feedback is imported. */
export function feedbackKind(options: FeedbackOptions): ImportKind<Feedback> {
  return {
    outcomes: ["recorded", "unchanged"],
    list: "feedback",
    batchSize: 1_000,
    inFlight: 4,
    distinct: false,
    probe: (client) => client.recommendations.listTrendingItems({ maxResults: 1 }),
    reader: (file, header) => feedbackReader(new Columns(file, header), file, options),
    send,
  };
}

async function send(
  client: MarqueeClient,
  feedback: Feedback[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const response = await client.recommendations.recordFeedback({ feedback }, { signal });
  return [response.recorded, response.unchanged];
}

function feedbackReader(
  columns: Columns,
  file: string,
  options: FeedbackOptions,
): (row: Row) => Parsed<Feedback> {
  const user = columns.required(options.user, USERS, "--user");
  const item = columns.required(options.item, ITEMS, "--item");
  const value = columns.optional(options.value, ["rating", "value"]);
  const time = columns.optional(options.time, TIMES);
  const kindColumn = options.kindColumn === undefined ? -1 : columns.named(options.kindColumn);
  const fixed = options.kind ?? (value === undefined ? undefined : "rating");
  if (kindColumn < 0 && fixed === undefined) {
    throw new Failure(`${file} has no ratings: say with --kind what it has, or with --value where`);
  }
  if (kindColumn < 0 && fixed === "rating" && value === undefined) {
    throw new Failure(`${file} has no column rating, value: name it with --value`);
  }
  return (row) => {
    const { values } = row;
    const name = kindColumn < 0 ? fixed : values[kindColumn]?.trim().toLowerCase();
    const kind = KINDS.get(name ?? "");
    if (kind === undefined)
      return `kind: ${JSON.stringify(name)} is none of ${KIND_NAMES.join(", ")}`;
    const feedback = create(FeedbackSchema);
    feedback.userId = (values[user] ?? "").trim();
    feedback.itemId = (values[item] ?? "").trim();
    feedback.kind = kind;
    if (kind === FeedbackKind.RATING) {
      const text = value === undefined ? "" : (values[value] ?? "").trim();
      feedback.value = Number(text);
      if (text === "" || Number.isNaN(feedback.value)) {
        return `value: ${JSON.stringify(text)} is no number`;
      }
    }
    const when = time === undefined ? "" : (values[time] ?? "");
    if (when !== "") {
      const ms = parseTime(when);
      if (ms === undefined)
        return `time: ${JSON.stringify(when)} is neither ISO 8601 nor Unix time`;
      feedback.feedbackTime = timestampFromMs(ms);
    }
    return { row, message: feedback, key: `${feedback.userId}\0${feedback.itemId}\0${kind}` };
  };
}
