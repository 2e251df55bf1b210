import type { HandlerContext } from "@connectrpc/connect";
import { identityKey, requestIdKey, type Identity } from "./caller.ts";

/**
 * Finds out who is calling, from the headers alone: it runs before the body is
 * read, for every protocol. There are no keys yet, so whoever reaches the port
 * may do everything in project 0; that is why the port is open on localhost
 * only, unless MARQUEE_HOST says otherwise.
 */
export function authenticate(context: HandlerContext): void {
  context.values.set(identityKey, everybody);
  // Of a call within the process, no wire has read it.
  if (context.values.get(requestIdKey) === "") {
    context.values.set(requestIdKey, context.requestHeader.get("x-request-id") ?? "");
  }
}

/** One for all calls: nobody may change it. */
const everybody: Identity = Object.freeze<Identity>({
  project: 0,
  scopes: ["read", "write", "admin"],
});
