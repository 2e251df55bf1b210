import { Code, type Interceptor, type StreamRequest, type UnaryRequest } from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import type { LogViewRequest } from "../../gen/analytics/v1/ingestion_pb.js";
import { setTimeoutOf, timeoutOf } from "./deadline.ts";
import { explainError } from "./explain.ts";

/** How often, and how patiently, a call is made again. */
export interface RetryOptions {
  /** How often the call is made at most, the first time included. Default: 5; at least 1. */
  readonly attempts?: number;
  /** The longest wait before the second attempt; it doubles for each further one. Default: 100 ms. */
  readonly initialMs?: number;
  /** No wait that the client chooses is longer. Default: 2,000 ms. */
  readonly maxMs?: number;
}

type Request = UnaryRequest | StreamRequest;

/**
 * Makes calls again that failed because the server was not there for them:
 * with UNAVAILABLE, with an error that says when to try again (RetryInfo), or
 * because the connection failed. Only calls that may be repeated: reads,
 * methods marked IDEMPOTENT, and LogView with a view_id. A stream is repeated
 * only if the client sends one message, and nothing was answered yet.
 *
 * It waits as long as the server says, otherwise a random part of a bound that
 * doubles, so that many clients do not come back at the same moment. It gives
 * up, with the last error, rather than wait past the deadline of the call.
 *
 * @param closes how often the client was closed: a call is not made again once it was.
 */
export function retries(options: RetryOptions = {}, closes: () => number = () => 0): Interceptor {
  const { attempts = 5, initialMs = 100, maxMs = 2_000 } = options;
  return (next) => async (request) => {
    if (!mayRepeat(request)) return next(request);
    const timeoutMs = timeoutOf(request.header);
    const deadline = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
    const again = await repeatable(request);
    const closesBefore = closes();
    for (let attempt = 1; ; attempt++) {
      try {
        return await next(again());
      } catch (error) {
        if (attempt >= attempts || closes() !== closesBefore) throw error;
        if (request.signal.aborted) throw error;
        const failure = explainError(error);
        if (!mayPass(failure)) throw error;
        const bound = Math.min(maxMs, initialMs * 2 ** (attempt - 1));
        const waitMs = failure.retryAfterMs ?? Math.random() * bound;
        if (performance.now() + waitMs >= deadline) throw error;
        await wait(waitMs, request.signal);
        if (closes() !== closesBefore) throw error;
        setTimeoutOf(request.header, deadline - performance.now());
      }
    }
  };
}

function mayPass(failure: ReturnType<typeof explainError>): boolean {
  return (
    failure.code === Code.Unavailable ||
    failure.connectionFailed ||
    // Too much at once is a matter of time only if the server says so.
    (failure.code === Code.ResourceExhausted && failure.retryAfterMs !== undefined)
  );
}

function mayRepeat(request: Request): boolean {
  const { method } = request;
  if (method.methodKind !== "unary" && method.methodKind !== "server_streaming") return false;
  if (method.idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN) return true;
  if (method.toString() !== AnalyticsService.method.logView.toString()) return false;
  return !request.stream && (request.message as unknown as LogViewRequest).viewId !== "";
}

/** What gives the same request for each attempt, though the messages of a stream come only once. */
async function repeatable(request: Request): Promise<() => Request> {
  if (!request.stream) return () => request;
  const messages: MessageShape<DescMessage>[] = [];
  for await (const message of request.message) messages.push(message);
  return () => ({ ...request, message: createAsyncIterable(messages) });
}

/** Waits; rejects with the reason of the signal as soon as it aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
