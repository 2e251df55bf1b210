import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";

/**
 * A moment in whole milliseconds since 1970, or a duration of 0 or more, cut
 * off: the library's own conversion rounds up, and so moves what happened just
 * before midnight into the next day.
 */
export function wholeMs({ seconds, nanos }: Timestamp | Duration): number {
  return Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
}
