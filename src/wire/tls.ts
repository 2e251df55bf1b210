import type { Socket } from "node:net";
import { createServer, type TlsOptions as NodeTlsOptions, type TLSSocket } from "node:tls";
import type { FastifyBaseLogger } from "fastify";
import { openCertificates } from "./certificates.ts";
import type { Credentials, TlsOptions } from "./pem.ts";

/** Speaks TLS on connections that others accepted. */
export interface TlsServer {
  /** Whether a client must have a certificate. */
  readonly asksClients: boolean;
  /** Takes a connection of which nothing was read, or whose bytes were put back. */
  accept(socket: Socket): void;
  /** Reads the files of certificate and key now. */
  reload(): void;
  close(): void;
}

/** What becomes of connections. */
export interface TlsEvents {
  /**
   * A handshake is done on a socket that was accepted; `secure.alpnProtocol` is
   * "h2", "http/1.1", or false if the client names none.
   */
  readonly onSecure: (secure: TLSSocket, socket: Socket) => void;
  /** A handshake failed or took too long; the connection is closed. */
  readonly onFailure: (socket: Socket, reason: string) => void;
}

/** The bytes that begin TLS: the type of a handshake record. Nothing of HTTP begins with it. */
export const handshakeRecord = 0x16;

/** A fatal alert, handshake_failure, in the form that each version of TLS reads. */
export const handshakeFailure: Buffer = Buffer.from("15030100020228", "hex");

/** @throws Error in one line that names the setting and the file that is wrong. */
export function createTlsServer(
  options: TlsOptions,
  handshakeMs: number,
  logger: FastifyBaseLogger,
  { onSecure, onFailure }: TlsEvents,
): TlsServer {
  const certificates = openCertificates(options, logger, (renewed) => {
    server.setSecureContext(contextOf(renewed));
  });
  const asksClients = options.clientCa !== undefined;
  const server = createServer({
    ...contextOf(certificates.current),
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout: handshakeMs,
    requestCert: asksClients,
    rejectUnauthorized: true,
  });
  server.on("secureConnection", (secure) => onSecure(secure, below(secure)));
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    onFailure(below(socket), inWords(error, socket));
    socket.destroy();
  });
  return {
    asksClients,
    accept: (socket) => void server.emit("connection", socket),
    reload: certificates.reload,
    close: certificates.close,
  };
}

/**
 * The socket that carries one of TLS. Node.js has no public name for it, and a
 * socket whose handshake failed does not know its peer any more.
 */
function below(secure: TLSSocket): Socket {
  const { _parent: socket } = secure as { _parent?: Socket | null };
  return socket ?? secure;
}

function contextOf({ cert, key, ca }: Credentials): NodeTlsOptions {
  return { cert, key, minVersion: "TLSv1.2", ...(ca !== undefined && { ca }) };
}

function inWords(error: NodeJS.ErrnoException, socket: TLSSocket): string {
  // Node.js checks the client's certificate itself, and closes without an error.
  const { authorizationError } = socket as { authorizationError?: Error | string | null };
  if (authorizationError) return `the client's certificate is refused: ${authorizationError}`;
  switch (error.code) {
    case "ERR_TLS_HANDSHAKE_TIMEOUT":
      return "the TLS handshake took too long";
    case "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE":
      return "the client has no certificate";
    case "ECONNRESET":
      return "the client left in the TLS handshake";
    default: {
      const { reason } = error as { reason?: string };
      return `the TLS handshake failed: ${reason ?? error.message}`;
    }
  }
}
