import type { CallOptions, HandlerContext } from "@connectrpc/connect";

/** The headers that say who is calling, and which call it is. */
const PASSED_ON = ["authorization", "x-request-id", "traceparent", "tracestate"];

/**
 * The options of a call that a handler makes on behalf of its own caller: the
 * same identity, request id and trace, and no more time than is left.
 */
export function passOn(context: HandlerContext): CallOptions {
  const headers = new Headers();
  for (const name of PASSED_ON) {
    const value = context.requestHeader.get(name);
    if (value !== null) headers.set(name, value);
  }
  const timeoutMs = context.timeoutMs();
  return {
    headers,
    signal: context.signal,
    contextValues: context.values,
    // Of a deadline that is past, 0 would be none at all.
    ...(timeoutMs === undefined ? {} : { timeoutMs: Math.max(1, timeoutMs) }),
  };
}
