import { durationFromMs, type Duration } from "@bufbuild/protobuf/wkt";

/** 10,000 years: no google.protobuf.Duration is longer, and in JSON there is none that is. */
const MAX_MS = 315_576_000_000_000;

/** For how long views were watched, all together; the longest time that there is, where it is more. */
export function watchedFor(ms: number): Duration {
  return durationFromMs(Math.min(ms, MAX_MS));
}
