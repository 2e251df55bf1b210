import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import type { OutgoingDetail } from "./details.ts";
import { badRequest, errorInfo, retryInfo } from "./details.ts";

/** The codes of gRPC, as they are written in JSON. */
type PublicErrorCode =
  | "canceled"
  | "unknown"
  | "invalid_argument"
  | "deadline_exceeded"
  | "not_found"
  | "already_exists"
  | "permission_denied"
  | "resource_exhausted"
  | "failed_precondition"
  | "aborted"
  | "out_of_range"
  | "unimplemented"
  | "internal"
  | "unavailable"
  | "data_loss"
  | "unauthenticated";

/** One field of a request, and what would be right in it. */
export interface FieldViolation {
  /** The path of the field in proto names, such as "feedback[3].item_id". */
  readonly field: string;
  /** A sentence for the developer who sent it. */
  readonly description: string;
}

/** An error as a client may see it. */
export interface PublicError {
  readonly code: PublicErrorCode;
  readonly message: string;
  /** What happened, for programs: UPPER_SNAKE_CASE. */
  readonly reason: string;
  /** What it happened to, for programs. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The fields at fault. */
  readonly violations: readonly FieldViolation[];
  /** After how many milliseconds the same call may succeed. */
  readonly retryAfterMs: number | undefined;
}

/** A public error with google.rpc details: ErrorInfo, then BadRequest and RetryInfo if they apply. */
export function publicConnectError(error: PublicError, domain: string): ConnectError {
  const details: OutgoingDetail[] = [errorInfo(error.reason, domain, error.metadata)];
  if (error.violations.length > 0) details.push(badRequest(error.violations));
  if (error.retryAfterMs !== undefined) details.push(retryInfo(error.retryAfterMs));
  const code = codeFromString(error.code) ?? Code.Unknown;
  return new ConnectError(error.message, code, undefined, details);
}

/**
 * The request breaks its contract. The violations are named in the message and
 * in BadRequest; of very many, the first: clients of gRPC take no more than
 * 8 KiB of trailers.
 */
export function violationsError(
  violations: readonly FieldViolation[],
  domain: string,
): ConnectError {
  const sentences = violations.map(({ field, description }) => `${field}: ${description}`);
  const named = firstOf(sentences, maxMessageLength, (sentence) => sentence.length);
  const more = sentences.length - named.length;
  const message = named.join("; ") + (more > 0 ? `; and ${more} more` : "");
  return publicConnectError(
    {
      code: "invalid_argument",
      message,
      reason: "INVALID_FIELD",
      metadata: {},
      violations: firstOf(violations, maxDetailsLength, violationLength),
      retryAfterMs: undefined,
    },
    domain,
  );
}

/** Together, in base64, well below 8 KiB. */
const maxMessageLength = 800;
const maxDetailsLength = 4_000;

function violationLength({ field, description }: FieldViolation): number {
  // Beside its texts, a violation takes a few bytes of tags and lengths.
  return Buffer.byteLength(field) + Buffer.byteLength(description) + 8;
}

/** As many elements from the beginning as fit, but at least one. */
function firstOf<T>(elements: readonly T[], max: number, lengthOf: (element: T) => number): T[] {
  let length = 0;
  const end = elements.findIndex((element, index) => {
    length += lengthOf(element);
    return index > 0 && length > max;
  });
  return elements.slice(0, end < 0 ? elements.length : end);
}

/**
 * What an aborted call ends with, if the error is the reason of that abort:
 * deadline_exceeded, canceled, or whatever else the reason says.
 */
export function abortError(error: unknown, signal: AbortSignal): ConnectError | undefined {
  if (!signal.aborted || error !== signal.reason) return undefined;
  if (error instanceof ConnectError) return new ConnectError(error.rawMessage, error.code);
  return new ConnectError("the call was canceled", Code.Canceled);
}
