import { Code, ConnectError } from "@connectrpc/connect";
import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../gen/google/rpc/error_details_pb.js";
import { isBrokenInBrowser } from "./broken-in-browsers.ts";

/** What went wrong with a call, in plain words and for programs. */
export interface Explanation {
  /** The code of the call: `Code.InvalidArgument`, … `Code.Unknown` for what is no error of a call. */
  readonly code: Code;
  /** One line for people; names the fields at fault. */
  readonly text: string;
  /** The fields at fault, by their names in the proto files, such as "feedback[3].item_id". */
  readonly violations: readonly Violation[];
  /** What happened, for programs, such as "ITEM_NOT_FOUND"; "" if the server did not say. */
  readonly reason: string;
  /** After how many milliseconds the same call may succeed; undefined if the server did not say. */
  readonly retryAfterMs: number | undefined;
  /** Whether no server was reached, or the connection broke before the answer. */
  readonly connectionFailed: boolean;
}

/** A field of the request, and what is wrong with it. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/**
 * Explains an error that a call of a client threw. Never throws itself: what is
 * no error of a call is explained by its message.
 */
export function explainError(error: unknown): Explanation {
  const failure = ConnectError.from(error);
  const violations = failure.findDetails(BadRequestSchema).flatMap((d) => d.fieldViolations);
  const message = failure.rawMessage || Code[failure.code].replaceAll(/(?!^)[A-Z]/g, " $&");
  // The server's own message names the fields already; a proxy's may not.
  const unnamed = violations.filter(({ field }) => !message.includes(field));
  const text = [message, ...unnamed.map((v) => `${v.field}: ${v.description}`)].join("; ");
  return {
    code: failure.code,
    text: text.replaceAll(/\s*\n\s*/g, " "),
    violations,
    reason: failure.findDetails(ErrorInfoSchema)[0]?.reason ?? "",
    retryAfterMs: retryAfterMs(failure),
    connectionFailed: connectionFailed(failure),
  };
}

function retryAfterMs(failure: ConnectError): number | undefined {
  const delay = failure.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay === undefined ? undefined : Math.max(0, durationMs(delay));
}

/** Node's names for a connection that could not be made, or broke. */
const BROKEN = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ERR_HTTP2_GOAWAY_SESSION",
  "ERR_HTTP2_INVALID_SESSION",
  "ERR_HTTP2_SESSION_ERROR",
  "ERR_HTTP2_STREAM_CANCEL",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
]);

function connectionFailed(failure: ConnectError): boolean {
  // What connect makes of an HTTP/2 connection that breaks under a call. A call
  // that was canceled on this side has the reason of its signal instead.
  if (failure.code === Code.Canceled && failure.rawMessage.startsWith("http/2 stream closed")) {
    return true;
  }
  const seen = new Set<unknown>();
  for (let cause = failure.cause; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    if ("code" in cause && BROKEN.has(String(cause.code))) return true;
    // The server refused to begin with it, for example because it is stopping.
    if (cause.message.includes("NGHTTP2_REFUSED_STREAM")) return true;
    if (isBrokenInBrowser(cause)) return true;
    // Node tries each address of a name, and puts the failures into one error.
    if (cause instanceof AggregateError && cause.errors.some((e) => BROKEN.has(String(e?.code)))) {
      return true;
    }
  }
  return false;
}
