import { createContextValues, type Interceptor, type Transport } from "@connectrpc/connect";
import { runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";

/** A transport that puts interceptors before those of another one. */
export function intercepted(inner: Transport, interceptors: Interceptor[]): Transport {
  return {
    unary(method, signal, timeoutMs, header, message, values) {
      return runUnaryCall({
        interceptors,
        ...limits(signal, timeoutMs),
        req: {
          ...request(header, values),
          service: method.parent,
          stream: false,
          method,
          message,
        },
        next: (r) =>
          inner.unary(r.method, r.signal, timeoutMs, r.header, r.message as never, r.contextValues),
      });
    },
    stream(method, signal, timeoutMs, header, message, values) {
      return runStreamingCall({
        interceptors,
        ...limits(signal, timeoutMs),
        req: {
          ...request(header, values),
          service: method.parent,
          stream: true,
          method,
          message,
        },
        next: (r) =>
          inner.stream(
            r.method,
            r.signal,
            timeoutMs,
            r.header,
            r.message as never,
            r.contextValues,
          ),
      });
    },
  };
}

/**
 * A transport that gives unary calls a deadline when they set none. Streams get
 * none: they may last.
 */
export function timeLimited(inner: Transport, defaultMs: number): Transport {
  return {
    unary: (method, signal, timeoutMs, header, message, values) =>
      inner.unary(method, signal, timeoutMs ?? defaultMs, header, message, values),
    stream: (method, signal, timeoutMs, header, message, values) =>
      inner.stream(method, signal, timeoutMs, header, message, values),
  };
}

function limits(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): { signal?: AbortSignal; timeoutMs?: number } {
  return {
    ...(signal === undefined ? {} : { signal }),
    // To the callers of a transport, 0 is "no deadline".
    ...(timeoutMs === undefined || timeoutMs <= 0 ? {} : { timeoutMs }),
  };
}

function request(
  header: Parameters<Transport["unary"]>[3],
  values: Parameters<Transport["unary"]>[5],
): { requestMethod: string; url: string; header: Headers; contextValues: typeof values & object } {
  return {
    requestMethod: "POST",
    // Where the call goes is the business of the inner transport.
    url: "",
    header: new Headers(header),
    contextValues: values ?? createContextValues(),
  };
}
