import type { Interceptor } from "@connectrpc/connect";
import { requestIdKey } from "../caller.ts";

/**
 * Passes a request id on as the header x-request-id, so that one name follows
 * a call through every server: the call's own header, else that of the call
 * being handled (its context values), else `requestId`. Without any, the server
 * makes one.
 */
export function requestIds(requestId?: string): Interceptor {
  return (next) => (request) => {
    const id = request.contextValues.get(requestIdKey) || requestId;
    if (id && !request.header.has("x-request-id")) request.header.set("x-request-id", id);
    return next(request);
  };
}
