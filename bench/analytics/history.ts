import { create, toBinary } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  LogViewRequestSchema,
  ViewBatchSchema,
  type LogViewRequest,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { randomFrom } from "../../src/random.ts";

/** Views as they might have been: the same ones for the same seed. */

/** How many different ones there are. */
export const videos = 5_000;
export const viewers = 200_000;
/** What time the history covers. It ends when it begins to be told. */
export const days = 30;
const dayMs = 86_400_000;

/** One view, as a row of a table has it. */
export interface ViewRow {
  readonly viewId: string;
  readonly video: string;
  readonly viewer: string;
  readonly time: number;
  readonly watchMs: number;
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
}

export const countries = ["US", "IN", "BR", "DE", "NL", "FR", "GB", "JP", "MX", "ID"];
export const devices = ["phone", "desktop", "tv", "tablet"];
const sites = ["google.com", "example.org", "news.example", "t.example"];

/** `count` views, by the order of their times; videos follow Zipf's law. */
export function* history(count: number, seed: number, end: number): Generator<ViewRow> {
  const random = randomFrom(seed);
  const pick = zipf(videos);
  const start = end - days * dayMs;
  for (let index = 0; index < count; index++) {
    yield {
      viewId: uuid(random),
      video: `video-${pick(random())}`,
      viewer: `viewer-${Math.floor(random() * viewers)}`,
      time: start + Math.floor((index / count) * days * dayMs),
      watchMs: Math.floor(random() * 600_000),
      country: countries[Math.floor(random() ** 2 * countries.length)] ?? "",
      device: devices[Math.floor(random() ** 2 * devices.length)] ?? "",
      referrer:
        random() < 0.5 ? "" : `https://${sites[Math.floor(random() * sites.length)] ?? ""}/a/page`,
    };
  }
}

/** The request that logs a view. */
function requestOf(row: ViewRow): LogViewRequest {
  return create(LogViewRequestSchema, {
    videoName: row.video,
    viewId: row.viewId,
    viewerId: row.viewer,
    startTime: timestampFromMs(row.time),
    watchDuration: durationFromMs(row.watchMs),
    country: row.country,
    device: row.device,
    referrer: row.referrer,
  });
}

/** A serialized ViewBatch of some views. */
export function batchOf(rows: readonly ViewRow[]): Uint8Array {
  return toBinary(ViewBatchSchema, create(ViewBatchSchema, { views: rows.map(requestOf) }));
}

/** Ranks from 0 up, each half as likely as the one of half its rank. */
function zipf(count: number): (share: number) => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sums[rank] = sum += 1 / (rank + 1);
  return (share) => {
    const wanted = share * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** A random UUID (version 4), as most clients make them: the worst case for an index. */
function uuid(random: () => number): string {
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(8)}${hex(4)}`;
}
