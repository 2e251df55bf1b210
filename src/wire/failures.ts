import { Code, ConnectError } from "@connectrpc/connect";
import { abortError, publicConnectError, violationsError } from "./errors.ts";
import type { FieldViolation } from "./errors.ts";
import type { CallOptions } from "./options.ts";

/** The call that failed. */
interface FailedCall {
  /** "/pkg.Service/Method" */
  readonly rpc: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** What is wrong with JSON that cannot be decoded: the field at fault, or a sentence. */
  readonly fault?: () => FieldViolation | string | undefined;
}

/** Turns whatever a call failed with into what its client is told. */
export interface Failures {
  /** For an error of the application. Logs the cause of an internal one. */
  present(error: unknown, call: FailedCall): ConnectError;
  /** For an error that never passed the interceptors. Changes it in place. */
  amend(error: unknown, call: FailedCall): void;
}

/** @see Failures */
export function createFailures(
  options: Pick<CallOptions, "describeError" | "errorDomain" | "logger">,
): Failures {
  const domain = options.errorDomain ?? defaultErrorDomain;
  const presented = new WeakSet<Error>();

  function internalError(cause: unknown, { rpc, requestId }: FailedCall): ConnectError {
    options.logger.error({ err: cause, rpc, requestId }, "internal error");
    return new ConnectError(internalMessage(requestId), Code.Internal);
  }

  function translate(error: unknown, call: FailedCall): ConnectError {
    const known = options.describeError(error);
    if (known !== undefined) return publicConnectError(known, domain);
    const aborted = abortError(error, call.signal);
    if (aborted !== undefined) return aborted;
    if (error instanceof ConnectError && !isOurFault(error.code)) return error;
    return internalError(error, call);
  }

  return {
    present(error, call) {
      if (error instanceof ConnectError && presented.has(error)) return error;
      const shown = translate(error, call);
      presented.add(shown);
      return shown;
    },
    amend(error, call) {
      if (!(error instanceof ConnectError) || presented.has(error)) return;
      presented.add(error);
      if (undecodableJson.test(error.rawMessage)) {
        const fault = call.fault?.();
        if (typeof fault === "string") Object.assign(error, { rawMessage: fault });
        if (typeof fault !== "object") return;
        const { rawMessage, details } = violationsError([fault], domain);
        Object.assign(error, { rawMessage, details });
        return;
      }
      if (error.code !== Code.Internal || protocolFaults.test(error.rawMessage)) return;
      // What the protocol library is about to write can be changed, not replaced.
      if (unreadableRequest.test(error.rawMessage)) {
        Object.assign(error, { code: Code.InvalidArgument });
      } else {
        Object.assign(error, { rawMessage: internalError(error, call).rawMessage });
      }
    },
  };
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

/** The protocol library calls a message that it cannot parse an internal error. */
const unreadableRequest = /^(?:parse binary|decompression failed)/;

/** What the protocol library says of JSON that is not of the message's form. */
const undecodableJson = /^cannot decode \S+ \S+ from JSON: /;

/** What gRPC wants to be an internal error, although the client is at fault. */
const protocolFaults = /^received compressed envelope/;
