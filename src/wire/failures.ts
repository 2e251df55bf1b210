import { Code, ConnectError } from "@connectrpc/connect";
import { abortError, publicConnectError } from "./errors.ts";
import type { CallOptions } from "./options.ts";

/** The call that failed. */
interface FailedCall {
  /** "/pkg.Service/Method" */
  readonly rpc: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** Turns whatever a call failed with into what its client is told. */
export interface Failures {
  /** Logs the cause of an internal one. */
  present(error: unknown, call: FailedCall): ConnectError;
  /** Logs the cause of an internal error, and tells no more than that there is one. */
  internal(cause: unknown, call: FailedCall): ConnectError;
}

/** Errors that clients are told as they are, whatever their code. */
const told = new WeakSet<Error>();

/** Marks an error to be told as it is. */
export function tellAsIs(error: ConnectError): ConnectError {
  told.add(error);
  return error;
}

/** @see Failures */
export function createFailures(
  options: Pick<CallOptions, "describeError" | "errorDomain" | "logger">,
): Failures {
  const domain = options.errorDomain ?? defaultErrorDomain;

  function internal(cause: unknown, { rpc, requestId }: FailedCall): ConnectError {
    try {
      options.logger.error({ err: cause, rpc, requestId }, "internal error");
    } catch {
      // Of what a handler threw, not everything can be written.
      options.logger.error({ rpc, requestId }, "internal error, of a kind that cannot be written");
    }
    return tellAsIs(new ConnectError(internalMessage(requestId), Code.Internal));
  }

  function present(error: unknown, call: FailedCall): ConnectError {
    if (error instanceof ConnectError && told.has(error)) return error;
    const known = options.describeError(error);
    if (known instanceof ConnectError) return tellAsIs(known);
    if (known !== undefined) return publicConnectError(known, domain);
    const aborted = abortError(error, call.signal);
    if (aborted !== undefined) return aborted;
    if (error instanceof ConnectError && !isOurFault(error.code)) return error;
    return internal(error, call);
  }

  return { present, internal };
}

/** What errors say about their origin unless told otherwise. */
export const defaultErrorDomain = "marquee";

/** What a client is told of an internal error. */
export function internalMessage(requestId: string): string {
  return `internal error (request id ${requestId})`;
}

/** These codes say no more than that something went wrong here. */
function isOurFault(code: Code): boolean {
  return code === Code.Internal || code === Code.Unknown;
}
