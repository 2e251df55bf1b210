import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { orAborted, wrapNext } from "../abortable.ts";

/**
 * Ends a call when its deadline is past or its client is gone, whether or not
 * the handler listens to its signal.
 *
 * @param deadlineMs the deadline of a unary call that comes without one.
 */
export function deadline(deadlineMs: number): Interceptor {
  return (next) => async (request) => {
    if (!request.stream) {
      if (hasDeadline(request.header)) return orAborted(next(request), request.signal);
      const timer = new AbortController();
      const timeout = setTimeout(() => timer.abort(deadlineExceeded()), deadlineMs);
      const signal = AbortSignal.any([request.signal, timer.signal]);
      try {
        return await orAborted(next({ ...request, signal }), signal);
      } finally {
        clearTimeout(timeout);
      }
    }
    const response = await orAborted(next(request), request.signal);
    if (!response.stream) return response;
    const message = wrapNext(response.message, (element, handler) =>
      orAborted(element, request.signal).catch((error: unknown) => {
        // The consumer takes the error for the end of the stream, so that
        // nobody else would let the handler run its own ending.
        handler.return?.().catch(() => {});
        throw error;
      }),
    );
    return { ...response, message };
  };
}

function deadlineExceeded(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}

/** Whether the caller set a deadline, which connect has put into the signal. */
function hasDeadline(header: Headers): boolean {
  return header.has("connect-timeout-ms") || header.has("grpc-timeout");
}
