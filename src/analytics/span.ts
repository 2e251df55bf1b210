import type { Interval } from "../../gen/analytics/v1/view_pb.js";
import { invalidField } from "../errors.ts";
import { wholeMs } from "../time.ts";
import type { Span } from "./columns/columns.ts";

/**
 * The span of an interval, which may be absent: all of time.
 *
 * @throws DomainError "invalid_argument" if it ends before it begins.
 */
export function spanOf(interval: Interval | undefined): Span {
  const from = interval?.startTime && wholeMs(interval.startTime);
  const to = interval?.endTime && wholeMs(interval.endTime);
  if (from !== undefined && to !== undefined && to < from) {
    throw invalidField("interval.end_time", "Must not be before interval.start_time.");
  }
  return { from, to };
}
