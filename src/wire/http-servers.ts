import { createServer, type RequestListener, type Server as Http1Server } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerOptions,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { FastifyBaseLogger } from "fastify";
import { answerCleartext, whyBroken } from "./broken-request.ts";
import { createConnections, peerOf, possibleConnections, type Connection } from "./connections.ts";
import { createCutLog } from "./cut-log.ts";
import { defaultLimits, http2Bounds, type ConnectionLimits } from "./limits.ts";
import type { NodeHandler } from "./node-types.ts";
import type { TlsOptions } from "./pem.ts";
import { isPipelinedTooFar } from "./pipelining.ts";
import { guardSession, type SessionGuard } from "./session-guard.ts";
import { sniff } from "./sniff.ts";
import { createTlsServer, handshakeFailure, type TlsServer } from "./tls.ts";

/** What takes the requests. */
export interface HttpHandlers {
  /** Takes every HTTP/1.1 request, and every HTTP/2 stream that `stream` does not take. */
  readonly request: NodeHandler;
  /**
   * Takes HTTP/2 streams, straight from Node's "stream" event. Default: none.
   *
   * @returns whether it takes this one; it has to tell the guard when it is closed.
   */
  readonly stream?: (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    guard: SessionGuard | undefined,
  ) => boolean;
}

/** Where a session has its guard. */
const guardKey = Symbol("guard");
type GuardedSession = ServerHttp2Session & { [guardKey]?: SessionGuard };

/** What connections are held to, and where it is told. */
export interface ConnectionOptions {
  /** Gets a line for every connection that is cut. */
  readonly logger: FastifyBaseLogger;
  readonly limits?: ConnectionLimits;
  /** If there are any, TLS is all that is spoken. */
  readonly tls?: TlsOptions | undefined;
}

/** An HTTP/1.1 and an HTTP/2 server that listen to nothing, but take connections. */
export interface HttpServers {
  readonly http1: Http1Server;
  readonly http2: Http2Server;
  /** Of the URLs. */
  readonly scheme: "http" | "https";
  /** All connections taken and not closed yet. */
  readonly connections: ReadonlyMap<Socket, Connection>;
  /** Takes a new connection, and hands it to the server that it means. */
  accept(socket: Socket): void;
  /** Reads the files of the certificate now, if there are any. */
  reloadCertificates(): void;
  /** Ends what is left when all connections are closed. */
  close(): void;
}

/**
 * Creates the pair of servers.
 *
 * @throws Error in one line if what TLS needs is wrong.
 */
export function createHttpServers(
  handlers: HttpHandlers,
  { limits = defaultLimits, logger, tls }: ConnectionOptions,
): HttpServers {
  const connections = createConnections();
  const cuts = createCutLog(logger);
  const http1 = createHttp1Server((request, response) => {
    if (isPipelinedTooFar(request, response)) {
      if (!request.socket.destroyed) cut(request.socket, "too many requests without an answer");
      request.socket.destroy();
    } else handlers.request(request, response);
  }, limits);
  const http2 = createHttp2Server(http2OptionsOf(limits));
  // A server that never gets a connection: it makes requests of streams.
  const compat = createHttp2Server(handlers.request);
  const cut = (socket: Socket, reason: string): void => {
    cuts.cut(connections.get(socket)?.peer ?? peerOf(socket), reason);
  };
  http1.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code !== "ECONNRESET") cut(socket as Socket, whyBroken(error));
  });
  http1.on("timeout", (socket: Socket) => {
    // The time of a connection between two requests is another one.
    if (socket.timeout !== http1.timeout) return void socket.destroy();
    // A stream may have nothing to say for long.
    if (socket.writableLength === 0) return void socket.setTimeout(http1.timeout);
    cut(socket, "the client reads nothing");
    socket.destroy();
  });
  http2.on("stream", (stream, headers, flags, rawHeaders) => {
    const guard = (stream.session as GuardedSession | undefined)?.[guardKey];
    guard?.streamOpened();
    if (handlers.stream?.(stream, headers, guard) === true) return;
    stream.once("close", () => guard?.streamClosed(stream.rstCode ?? 0));
    compat.emit("stream", stream, headers, flags, rawHeaders);
  });
  let accepting: Connection | undefined;
  http2.on("session", (session) => {
    const connection = accepting;
    if (connection === undefined) return;
    const { socket } = connection;
    connection.session = session;
    const guard = guardSession(socket, session, limits, (reason) => cut(socket, reason));
    connection.guard = guard;
    (session as GuardedSession)[guardKey] = guard;
    // The client's settings follow its preface.
    const timeout = setTimeout(() => {
      cut(socket, "the preface of HTTP/2 took too long");
      session.destroy();
    }, limits.firstBytesMs);
    session.once("remoteSettings", () => clearTimeout(timeout));
    session.once("close", () => clearTimeout(timeout));
  });
  const check = setInterval(() => {
    const now = performance.now();
    for (const { guard } of connections.values()) guard?.check(now);
  }, limits.checkMs).unref();

  const serveHttp2 = (connection: Connection): void => {
    // Half an HTTP/2 connection is of no use, and would never be closed.
    connection.socket.allowHalfOpen = false;
    accepting = connection;
    http2.emit("connection", connection.socket);
    accepting = undefined;
    // HTTP/2 takes over the handle: to resume the socket would steal its bytes.
  };
  const serveHttp1 = ({ socket }: Connection): void => {
    http1.emit("connection", socket);
    // The parser would read a TLS socket's handle by itself, and get what comes
    // while it is paused, which it takes for an error. One that has a listener
    // gives its bytes to the parser instead, and can be paused.
    if (tls !== undefined) socket.on("data", () => {});
    socket.resume();
  };
  const tlsServer: TlsServer | undefined =
    tls === undefined
      ? undefined
      : createTlsServer(tls, limits.handshakeMs, logger, {
          onSecure(secure, socket) {
            const peer = connections.get(socket)?.peer ?? peerOf(socket);
            const connection = connections.add(secure, peer);
            connections.delete(socket);
            if (secure.alpnProtocol === "h2") serveHttp2(connection);
            else serveHttp1(connection);
          },
          onFailure: (socket, reason) => cut(socket, reason),
        });

  const maxConnections = Math.min(limits.maxConnections, possibleConnections());
  if (maxConnections < limits.maxConnections) {
    logger.info({ maxConnections }, "fewer connections than configured: open files are limited");
  }

  return {
    http1,
    http2,
    scheme: tls === undefined ? "http" : "https",
    connections,
    accept(socket) {
      const peer = peerOf(socket);
      if (connections.size >= maxConnections) {
        cuts.cut(peer, `there are ${maxConnections} connections already`, "warn");
        socket.destroy();
        return;
      }
      const connection = connections.add(socket, peer);
      sniff(
        socket,
        limits.firstBytesMs,
        (protocol) => {
          if (tlsServer !== undefined) {
            if (protocol === "tls") return tlsServer.accept(socket);
            cut(socket, "it speaks no TLS, which this port does");
            if (protocol === "http/1.1") answerCleartext(socket);
            else socket.destroy();
          } else if (protocol === "tls") {
            cut(socket, "it speaks TLS, which this port does not");
            socket.end(handshakeFailure, () => socket.destroySoon());
          } else if (protocol === "h2") serveHttp2(connection);
          else serveHttp1(connection);
        },
        () => cut(socket, "it said nothing"),
      );
    },
    reloadCertificates: () => tlsServer?.reload(),
    close() {
      clearInterval(check);
      cuts.close();
      tlsServer?.close();
      http1.close();
      http2.close();
    },
  };
}

function createHttp1Server(handler: RequestListener, limits: ConnectionLimits): Http1Server {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.maxHeaderBytes,
    },
    handler,
  );
  // Told from the time between two requests by its length: see "timeout".
  const idleTimeout = limits.idleMs + server.keepAliveTimeoutBuffer;
  server.timeout = limits.stallMs === idleTimeout ? idleTimeout + 1 : limits.stallMs;
  // A server that never listened checks none of its timeouts until it is told.
  server.emit("listening");
  return server;
}

function http2OptionsOf({ maxStreams, maxHeaderBytes }: ConnectionLimits): ServerOptions {
  return {
    ...http2Bounds,
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes },
  };
}
