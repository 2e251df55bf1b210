import { Code } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import type { PlainAnswer } from "./answer.ts";
import type { NodeRequest } from "./node-types.ts";
import { originForm } from "./request-target.ts";

/**
 * Why a request is no call of this RPC: its method, its content type, or what
 * it asks for cannot be had this way.
 *
 * @param isForeign whether it would be a beacon, but from a page that may not send it.
 */
export function refusal(
  handler: UniversalHandler,
  { method = "", url = "", headers, httpVersionMajor }: NodeRequest,
  isForeign: boolean,
): PlainAnswer {
  const path = originForm(url).split("?", 1)[0] ?? "";
  if (path !== handler.requestPath) {
    // Routers take other spellings for the same path; clients of RPCs do not use them.
    return { code: Code.Unimplemented, status: 404, message: `there is no method ${path}` };
  }
  if (!handler.allowedMethods.includes(method)) return wrongMethod(handler, method);
  if (method === "GET") {
    const message = `${handler.requestPath} cannot be called with these parameters: encoding must be json or proto`;
    return { code: Code.Unknown, status: 415, message };
  }
  const contentType = headers["content-type"] ?? "";
  if (isForeign && /^text\/plain\b/i.test(contentType)) {
    const message = `pages of ${headers.origin} may not send this`;
    return { code: Code.PermissionDenied, message };
  }
  const isBidi = handler.method.methodKind === "bidi_streaming";
  if (isBidi && httpVersionMajor < 2 && handler.supportedContentType(contentType)) {
    const message = `${handler.requestPath} streams both ways: it needs HTTP/2`;
    // A client that expects an answer while it sends would wait on for ever.
    return { code: Code.Unimplemented, status: 505, message, headers: { connection: "close" } };
  }
  return wrongContentType(handler, contentType);
}

/** The HTTP methods of an RPC, for the header "allow". */
export function allowOf(handler: UniversalHandler): string {
  return [...new Set(handler.allowedMethods)].join(", ");
}

function wrongMethod(handler: UniversalHandler, method: string): PlainAnswer {
  const allow = allowOf(handler);
  const message = `${handler.requestPath} cannot be called with ${method}: use ${allow}`;
  return { code: Code.Unknown, status: 405, message, headers: { allow } };
}

function wrongContentType(handler: UniversalHandler, contentType: string): PlainAnswer {
  const json =
    handler.method.methodKind === "unary" ? "application/json" : "application/connect+json";
  const given = contentType === "" ? "no content type" : `content type ${contentType}`;
  const message = `${handler.requestPath} does not take ${given}: use ${json}, for example`;
  return { code: Code.Unknown, status: 415, message };
}
