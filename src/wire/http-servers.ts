import { createServer, type Server as Http1Server } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
} from "node:http2";
import type { Socket } from "node:net";
import { defaultLimits, type ConnectionLimits } from "./limits.ts";
import type { NodeHandler } from "./node-types.ts";
import { sniff } from "./sniff.ts";

/** An HTTP/1.1 and an HTTP/2 server that listen to nothing, but take connections. */
export interface HttpServers {
  readonly http1: Http1Server;
  readonly http2: Http2Server;
  /** All connections taken and not closed yet, each with its HTTP/2 session if it has one. */
  readonly connections: ReadonlyMap<Socket, ServerHttp2Session | undefined>;
  /** Takes a new connection, and hands it to the server that it means. */
  accept(socket: Socket): void;
}

/**
 * Streams that one HTTP/2 connection may have open at once; Node.js sets no
 * limit. A gateway or client library puts all its calls on one connection and
 * queues what is beyond the limit, so that it has to be well above what this
 * process can work on at a time; but each stream may hold a window of 64 KiB
 * unread, so that there has to be one.
 */
const maxConcurrentStreams = 1_000;

/** Creates the pair of servers. */
export function createHttpServers(
  handler: NodeHandler,
  limits: ConnectionLimits = defaultLimits,
): HttpServers {
  const http1 = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
    },
    handler,
  );
  // A server that never listened checks none of its timeouts until it is told.
  http1.emit("listening");

  const http2 = createHttp2Server({ settings: { maxConcurrentStreams } }, handler);
  const connections = new Map<Socket, ServerHttp2Session | undefined>();
  let accepting: Socket | undefined;
  http2.on("session", (session) => {
    if (accepting !== undefined) connections.set(accepting, session);
    session.on("error", () => session.destroy());
    // The client's settings follow its preface.
    const timeout = setTimeout(() => session.destroy(), limits.firstBytesMs);
    session.once("remoteSettings", () => clearTimeout(timeout));
    session.once("close", () => clearTimeout(timeout));
  });

  return {
    http1,
    http2,
    connections,
    accept(socket) {
      connections.set(socket, undefined);
      socket.once("close", () => connections.delete(socket));
      sniff(socket, limits.firstBytesMs, (protocol) => {
        if (protocol === "h2") {
          // Half an HTTP/2 connection is of no use, and would never be closed.
          socket.allowHalfOpen = false;
          accepting = socket;
          http2.emit("connection", socket);
          accepting = undefined;
          // HTTP/2 takes over the handle: to resume the socket would steal its bytes.
        } else {
          http1.emit("connection", socket);
          socket.resume();
        }
      });
    },
  };
}
