import { Code } from "@connectrpc/connect";
import type { PlainAnswer } from "./answer.ts";
import type { NodeRequest } from "./node-types.ts";

/**
 * Takes a beacon: what `navigator.sendBeacon(url, text)` sends when a page is
 * left. Browsers allow it no JSON content type without asking first, for which
 * there is no time then; so the text is taken for JSON. Because browsers do not
 * ask, the origin is checked here.
 *
 * @returns why it is refused; undefined if it is no beacon, or is taken.
 */
export function takeBeacon(
  request: NodeRequest,
  isAllowed: (origin: string) => boolean,
): PlainAnswer | undefined {
  if (request.method !== "POST" || !/^text\/plain\b/i.test(request.headers["content-type"] ?? "")) {
    return undefined;
  }
  const { origin } = request.headers;
  if (origin !== undefined && !isAllowed(origin)) {
    const message = `pages of ${origin} may not send this`;
    return { code: Code.PermissionDenied, message };
  }
  request.headers["content-type"] = "application/json";
  return undefined;
}
