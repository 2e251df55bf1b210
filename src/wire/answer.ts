import { type Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, codeToString, errorToJson } from "@connectrpc/connect/protocol-connect";
import { grpcMessage } from "./grpc-message.ts";
import { isGrpc, type Protocol } from "./protocol.ts";
import { stopSoon } from "./discard.ts";
import type { NodeResponse } from "./node-types.ts";

/** An error that is answered without the help of a router: it has no details. */
export interface PlainAnswer {
  readonly code: Code;
  readonly message: string;
  /** The HTTP status where the protocol uses it. Default: what Connect has for the code. */
  readonly status?: number;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Ends a response with an error in the form that the protocol has for a call
 * which failed before it began: for gRPC and gRPC-Web a response of nothing but
 * headers with its status among them, for Connect and plain HTTP
 * `{"code": …, "message": …}`. Returns the number of body bytes.
 */
export function answerError(
  response: NodeResponse,
  protocol: Protocol,
  contentType: string | undefined,
  answer: PlainAnswer,
): number {
  const { code, message } = answer;
  if (isGrpc(protocol)) {
    endWithHeaders(response, {
      ...answer.headers,
      "content-type": contentType ?? `application/${protocol}`,
      "grpc-status": String(code),
      "grpc-message": grpcMessage(message),
    });
    return 0;
  }
  const body = jsonError(code, message);
  writeHead(response, answer.status ?? codeToHttpStatus(code), {
    ...answer.headers,
    // With a charset, no client takes it for the error of a call that it never made.
    "content-type": answer.status === 415 ? "application/json; charset=utf-8" : "application/json",
    "content-length": String(body.byteLength),
  });
  response.end(body);
  return body.byteLength;
}

/** The JSON of an error without details: code and message. */
export function jsonError(code: Code, message: string): Buffer {
  return Buffer.from(JSON.stringify(errorToJson(new ConnectError(message, code), undefined)));
}

/** Name of the code in JSON and in the log. */
export const codeName: (code: Code) => string = codeToString;

function endWithHeaders(response: NodeResponse, headers: Record<string, string>): void {
  if (!("stream" in response)) {
    writeHead(response, 200, { ...headers, "content-length": "0" });
    response.end();
    return;
  }
  // gRPC clients look for a status in the headers only if the stream ends with
  // them; `response.end()` would send an empty frame after them.
  const { stream } = response;
  stream.respond({ ...response.getHeaders(), ":status": 200, ...headers }, { endStream: true });
  stopSoon(stream);
}

/** The two kinds of response have signatures of which TypeScript can call only one at a time. */
function writeHead(response: NodeResponse, status: number, headers: Record<string, string>): void {
  if ("stream" in response) response.writeHead(status, headers);
  else response.writeHead(status, headers);
}
