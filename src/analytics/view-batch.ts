import {
  LogViewRequestSchema,
  ViewBatchSchema,
  type LogViewRequest,
} from "../../gen/analytics/v1/ingestion_pb.js";
import type { FieldViolation } from "../errors.ts";
import { MAX_VIEWS, type NewView } from "../log/log.ts";
import { binaryCodec } from "../wire/codec/binary-codec.ts";
import { Reader } from "../wire/codec/reader.ts";
import { viewRules } from "./ingestion-rules.ts";
import { readView } from "./view-decoder.ts";
import { viewOf, type ViewContext } from "./views.ts";

/** A view that cannot be logged, as the contract tells of it. */
export interface Rejected {
  /** Its place among the views, from 0; -1 for all of them. */
  readonly index: number;
  readonly field: string;
  readonly reason: string;
}

/** Views that were checked: those that can be logged, and the others. */
export interface CheckedViews {
  readonly views: NewView[];
  /** The place of each of these views among all of them. */
  readonly places: number[];
  readonly rejected: Rejected[];
}

/** The tag of ViewBatch.views. */
const VIEWS = (1 << 3) | 2;

const batchCodec = binaryCodec(ViewBatchSchema);
const viewCodec = binaryCodec(LogViewRequestSchema);

/** Reads and checks a serialized ViewBatch, each view of which has to have an id. */
export function readBatch(bytes: Uint8Array, context: ViewContext): CheckedViews {
  const checked: CheckedViews = { views: [], places: [], rejected: [] };
  const reader = new Reader(bytes);
  let index = 0;
  try {
    for (; reader.pos < bytes.length; index++) {
      if (index >= MAX_VIEWS || reader.tag() !== VIEWS) return readWhole(bytes, context);
      const end = reader.end();
      const start = reader.pos;
      try {
        checked.views.push(readView(reader, end, context));
        checked.places.push(index);
      } catch {
        const request = viewCodec.decode(bytes.subarray(start, end)) as LogViewRequest;
        take(checked, request, index, context);
        reader.pos = end;
      }
    }
  } catch {
    return readWhole(bytes, context);
  }
  return index === 0 ? none(0) : checked;
}

/** The same for what is no list of views at first sight. */
function readWhole(bytes: Uint8Array, context: ViewContext): CheckedViews {
  let views: readonly LogViewRequest[];
  try {
    views = (batchCodec.decode(bytes) as unknown as { views: LogViewRequest[] }).views;
  } catch {
    return rejectedBatch("Is no serialized ViewBatch.");
  }
  if (views.length === 0 || views.length > MAX_VIEWS) return none(views.length);
  const checked: CheckedViews = { views: [], places: [], rejected: [] };
  for (const [index, view] of views.entries()) take(checked, view, index, context);
  return checked;
}

/** Checks the view of a batch. */
function take(
  { views, places, rejected }: CheckedViews,
  request: LogViewRequest,
  index: number,
  context: ViewContext,
): void {
  const violation =
    violationOf(request) ??
    (request.viewId === ""
      ? { field: "view_id", description: "Required: it must not be empty." }
      : undefined);
  if (violation !== undefined) {
    rejected.push({ index, field: violation.field, reason: violation.description });
    return;
  }
  views.push(viewOf(request, context));
  places.push(index);
}

/** Checks views that follow others, the first of which has the place `first`. Those without an id get one. */
export function checkViews(
  requests: readonly LogViewRequest[],
  first: number,
  context: ViewContext,
): CheckedViews {
  const checked: CheckedViews = { views: [], places: [], rejected: [] };
  for (const [offset, request] of requests.entries()) {
    const index = first + offset;
    const violation = violationOf(request);
    if (violation === undefined) {
      checked.views.push(viewOf(request, context));
      checked.places.push(index);
    } else {
      const { field, description } = violation;
      checked.rejected.push({ index, field, reason: description });
    }
  }
  return checked;
}

/** The first of what is wrong with a view. */
function violationOf(request: LogViewRequest): FieldViolation | undefined {
  let first: FieldViolation | undefined;
  viewRules.check(request as never, "", (violation) => (first ??= violation));
  return first;
}

function none(count: number): CheckedViews {
  return rejectedBatch(`From 1 to ${MAX_VIEWS} views, not ${count}.`);
}

function rejectedBatch(reason: string): CheckedViews {
  return { views: [], places: [], rejected: [{ index: -1, field: "batch", reason }] };
}
