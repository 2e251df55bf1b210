import { Code, ConnectError } from "@connectrpc/connect";
import { explainError } from "./explain.ts";

/** What to do about a stream that ended. */
export interface StreamFailure {
  /** Whether another stream may fare better. */
  readonly mayPass: boolean;
  /** After how many milliseconds; undefined if the server did not say. */
  readonly retryAfterMs: number | undefined;
}

/**
 * What is to be done about the error that a stream ended with, which was not
 * ended by this side. What the server says about the views, or about who may
 * send them, stays true; what the connection did to the stream does not.
 */
export function streamFailure(error: unknown): StreamFailure {
  const { code, retryAfterMs, connectionFailed } = explainError(error);
  const mayPass =
    connectionFailed ||
    code === Code.Unavailable ||
    // Those that clients give to a stream that was cut off: no server answers with them.
    code === Code.Aborted ||
    code === Code.Canceled ||
    endedEarly(error) ||
    // Too much at once is a matter of time only if the server says so.
    (code === Code.ResourceExhausted && retryAfterMs !== undefined);
  return { mayPass, retryAfterMs };
}

/** Whether the answers ended without the end that their protocol wants, as some proxies let them. */
function endedEarly(error: unknown): boolean {
  return error instanceof ConnectError && EARLY.test(error.rawMessage);
}

/** What connect says of it, over gRPC, gRPC-Web and Connect. */
const EARLY = /^protocol error: missing (?:status|trailer|EndStreamResponse)$/;
