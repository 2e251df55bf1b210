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
export type EndedCall = Omit<AccessLine, "ms"> & { readonly startedAt: number };

/** Writes the lines of calls. */
export interface AccessLog {
  write(call: EndedCall): void;
}

/** A log that writes a line for each call, at info. */
export function createAccessLog(logger: FastifyBaseLogger): AccessLog {
  // What many lines have in common is put into JSON once.
  const loggers = new Map<string, FastifyBaseLogger>();
  return {
    write({ rpc, protocol, http, code, startedAt, bytesIn, bytesOut, peer, requestId }) {
      const key = rpc + protocol + http;
      let line = loggers.get(key);
      if (line === undefined) {
        line = logger.child({ rpc, protocol, http });
        // Paths that are none of ours are without number.
        if (loggers.size < maxLoggers) loggers.set(key, line);
      }
      const ms = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
      line.info({ code, ms, bytesIn, bytesOut, peer, requestId }, "call");
    },
  };
}

const maxLoggers = 4_096;

/** Starts the clock of a request. The function returned writes its line, the first time it is called. */
export function startLine(
  log: AccessLog,
  request: NodeRequest,
  call: Pick<AccessLine, "rpc" | "protocol" | "requestId" | "peer">,
): (end: CallEnd) => void {
  const startedAt = performance.now();
  let written = false;
  return (end) => {
    if (written) return;
    written = true;
    log.write({ ...call, ...end, http: request.httpVersion, startedAt });
  };
}
