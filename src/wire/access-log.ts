import type { FastifyBaseLogger } from "fastify";
import type { NodeRequest } from "./node-types.ts";
import type { Protocol } from "./protocol.ts";

/** What the log says of a call. */
export interface AccessLine {
  /** "/pkg.Service/Method" */
  readonly rpc: string;
  readonly protocol: Protocol;
  /** The version of HTTP: "1.1" or "2.0". */
  readonly http: string;
  /** "ok", or the name of the code that the client was told. */
  readonly code: string;
  /** From the request's headers until the response was gone, in milliseconds. */
  readonly ms: number;
  /** Bytes of the bodies as they were on the wire. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The address of the client: of the connection, or what a trusted proxy says. */
  readonly peer: string | undefined;
  readonly requestId: string;
}

/** How a call ended. */
export type CallEnd = Pick<AccessLine, "code" | "bytesIn" | "bytesOut">;

/** A call that is over. `startedAt` is of performance.now(). */
type EndedCall = Omit<AccessLine, "ms"> & { readonly startedAt: number };

/** Takes every call once it is over. */
export type CallLog = (call: EndedCall) => void;

/** Writes a line for each call, at info. */
export function callLog(logger: FastifyBaseLogger): CallLog {
  return ({ startedAt, rpc, protocol, http, code, bytesIn, bytesOut, peer, requestId }) => {
    const ms = msSince(startedAt);
    const line: AccessLine = { rpc, protocol, http, code, ms, bytesIn, bytesOut, peer, requestId };
    logger.info(line, "call");
  };
}

/** How long ago a time of performance.now() is: milliseconds, to the microsecond. */
export function msSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1_000) / 1_000;
}

/** Starts the clock of a request. The function returned writes its line, the first time it is called. */
export function startLine(
  log: CallLog,
  request: NodeRequest,
  call: Pick<AccessLine, "rpc" | "protocol" | "requestId" | "peer">,
): (end: CallEnd) => void {
  const startedAt = performance.now();
  let written = false;
  return (end) => {
    if (written) return;
    written = true;
    log({ ...call, ...end, http: request.httpVersion, startedAt });
  };
}
