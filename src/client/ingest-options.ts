import type { LogViewRequest } from "../../gen/analytics/v1/ingestion_pb.js";
import { MAX_VIEW_BYTES } from "./ingest-batches.ts";
import type { RetryOptions } from "./retry.ts";

/** A view that cannot be logged, however often it is sent. */
export interface RejectedView {
  /** The view, with the id that it was sent with. */
  readonly view: LogViewRequest;
  /** The field at fault, such as "watch_duration". */
  readonly field: string;
  /** What is wrong with it, and what would be right. */
  readonly reason: string;
}

/** How views are put together, sent and sent again; all of it has defaults. */
export interface IngestOptions {
  /** How many views a batch has at most: 1 to 10,000. Default: 1,000. */
  readonly batchViews?: number;
  /**
   * How many bytes a batch has at most: 65,536 or more, and less than the largest
   * message that the server takes. Default: 1,048,576.
   */
  readonly batchBytes?: number;
  /** How long a view waits for others to share its batch, in milliseconds. Default: 50. */
  readonly lingerMs?: number;
  /** How many batches may be on their way without an answer. Default: 8. */
  readonly maxUnacknowledged?: number;
  /**
   * How many views are held until they are acknowledged, before `log` waits.
   * Default: those of two batches more than may be on their way.
   */
  readonly maxBuffered?: number;
  /** Told of each view that cannot be logged. What it throws ends everything. Default: they are counted. */
  readonly onRejected?: (rejected: RejectedView) => void;
  /** How it connects again; `attempts` without an answer between them. Default: without end, 100 ms to 2,000 ms. */
  readonly retry?: RetryOptions;
  /** After how many milliseconds without an answer that is due it connects again. Default: 60,000. */
  readonly stallMs?: number;
  /** Ends everything: what was not acknowledged then may be logged or not. */
  readonly signal?: AbortSignal;
}

/** All options, with their defaults. */
export interface IngestSettings {
  readonly batchViews: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  readonly maxUnacknowledged: number;
  readonly maxBuffered: number;
  readonly maxBufferedBytes: number;
  readonly onRejected: ((rejected: RejectedView) => void) | undefined;
  readonly attempts: number;
  readonly initialMs: number;
  readonly maxMs: number;
  readonly stallMs: number;
}

/** @throws RangeError for an option out of its bounds. */
export function ingestSettings(options: IngestOptions): IngestSettings {
  const batchViews = whole("batchViews", options.batchViews ?? 1_000, 1, 10_000);
  const batchBytes = whole("batchBytes", options.batchBytes ?? 1_048_576, MAX_VIEW_BYTES, 2 ** 30);
  const maxUnacknowledged = whole("maxUnacknowledged", options.maxUnacknowledged ?? 8, 1, 1_000);
  const held = maxUnacknowledged + 2;
  return {
    batchViews,
    batchBytes,
    lingerMs: whole("lingerMs", options.lingerMs ?? 50, 0, 3_600_000),
    maxUnacknowledged,
    maxBuffered: whole("maxBuffered", options.maxBuffered ?? held * batchViews, 1, 2 ** 31),
    maxBufferedBytes: held * batchBytes,
    onRejected: options.onRejected,
    attempts: options.retry?.attempts ?? Infinity,
    initialMs: options.retry?.initialMs ?? 100,
    maxMs: options.retry?.maxMs ?? 2_000,
    stallMs: whole("stallMs", options.stallMs ?? 60_000, 1, 2 ** 31 - 1),
  };
}

function whole(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  }
  return value;
}
