import { Code } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { PlainAnswer } from "./answer.ts";
import type { NodeRequest } from "./node-types.ts";

/** Why a request is no call of this RPC, if so: method, content type, URL. */
export function refusal(handler: UniversalHandler, request: NodeRequest): PlainAnswer | undefined {
  const method = request.method ?? "";
  if (!handler.allowedMethods.includes(method)) return wrongMethod(handler, method);
  const contentType = request.headers["content-type"] ?? "";
  if (method !== "GET" && !handler.supportedContentType(contentType)) {
    return wrongContentType(handler, contentType);
  }
  return malformed(request);
}

/** The same for a bare status that a handler answered with. */
export function refusalOfStatus(
  { status, header }: UniversalServerResponse,
  handler: UniversalHandler,
): PlainAnswer {
  const headers = Object.fromEntries(header ?? []);
  if (status === 505) {
    const message = `${handler.requestPath} streams both ways: it needs HTTP/2`;
    return { code: Code.Unimplemented, status, message, headers };
  }
  const message =
    status === 415
      ? `${handler.requestPath} cannot be called with these parameters: encoding must be json or proto`
      : `${handler.requestPath} cannot be called like this`;
  return { code: Code.Unimplemented, status, message, headers };
}

/** The HTTP methods of an RPC, for the header "allow". */
export function allowOf(handler: UniversalHandler): string {
  return [...new Set(handler.allowedMethods)].join(", ");
}

function wrongMethod(handler: UniversalHandler, method: string): PlainAnswer {
  const allow = allowOf(handler);
  const message = `${handler.requestPath} cannot be called with ${method}: use ${allow}`;
  return { code: Code.Unimplemented, status: 405, message, headers: { allow } };
}

function wrongContentType(handler: UniversalHandler, contentType: string): PlainAnswer {
  const json =
    handler.method.methodKind === "unary" ? "application/json" : "application/connect+json";
  const given = contentType === "" ? "no content type" : `content type ${contentType}`;
  const message = `${handler.requestPath} does not take ${given}: use ${json}, for example`;
  return { code: Code.Unimplemented, status: 415, message };
}

function malformed(request: NodeRequest): PlainAnswer | undefined {
  const authority = "authority" in request ? request.authority : request.headers.host;
  const url = URL.parse(request.url ?? "", `http://${authority ?? ""}`);
  if (url === null) {
    return { code: Code.InvalidArgument, message: "the request has no valid host" };
  }
  const base64 = url.searchParams.get("base64") === "1";
  if (base64 && !/^[\w+/-]*={0,2}$/.test(url.searchParams.get("message") ?? "")) {
    return { code: Code.InvalidArgument, message: "the parameter message is not in base64" };
  }
  if (!isUtf8(url.search)) {
    return { code: Code.InvalidArgument, message: "the parameters are not in UTF-8" };
  }
  return undefined;
}

/** Whether what is percent-encoded in it is UTF-8. */
function isUtf8(search: string): boolean {
  try {
    // A percent sign that encodes nothing stands for itself.
    decodeURIComponent(search.replaceAll(/%(?![0-9a-f]{2})/gi, "%25"));
    return true;
  } catch {
    return false;
  }
}
