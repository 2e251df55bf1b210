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

/** Starts the clock of a call. The function returned writes its line, the first time it is called. */
export function startLine(
  logger: FastifyBaseLogger,
  request: NodeRequest,
  call: Pick<AccessLine, "rpc" | "protocol" | "requestId" | "peer">,
): (end: CallEnd) => void {
  const start = performance.now();
  let written = false;
  return (end) => {
    if (written) return;
    written = true;
    const ms = Math.round((performance.now() - start) * 1_000) / 1_000;
    const line: AccessLine = {
      rpc: call.rpc,
      protocol: call.protocol,
      http: request.httpVersion,
      code: end.code,
      ms,
      bytesIn: end.bytesIn,
      bytesOut: end.bytesOut,
      peer: call.peer,
      requestId: call.requestId,
    };
    logger.info(line, "call");
  };
}
