import { IntervalSchema } from "../../gen/analytics/v1/view_pb.js";
import * as check from "../rules.ts";

/** The bounds of an interval, which may be absent. */
export const interval = check.nested(
  check.rules(IntervalSchema, { startTime: check.anyTime, endTime: check.anyTime }),
);
