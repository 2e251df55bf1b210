import { readFileSync } from "node:fs";
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { SessionGuard } from "./session-guard.ts";

/** A connection that was taken and is not closed yet. */
export interface Connection {
  /** Its address and port. */
  readonly peer: string;
  /** What is read and written: that of TLS, where it is spoken and the handshake is done. */
  readonly socket: Socket;
  /** If HTTP/2 is spoken. */
  session?: ServerHttp2Session;
  guard?: SessionGuard;
}

/** All connections, by the socket that is read and written. */
export interface Connections extends ReadonlyMap<Socket, Connection> {
  /** Follows a connection until it is closed. */
  add(socket: Socket, peer: string): Connection;
  /** Forgets a socket, for the one that took its place is followed. */
  delete(socket: Socket): boolean;
}

/** @see Connections */
export function createConnections(): Connections {
  const connections = new Map<Socket, Connection>();
  return Object.assign(connections, {
    add(socket: Socket, peer: string): Connection {
      const connection = { socket, peer };
      connections.set(socket, connection);
      socket.once("close", () => connections.delete(socket));
      return connection;
    },
  });
}

/** Address and port of the other side. To be asked for while it is connected. */
export function peerOf({ remoteAddress = "unknown", remotePort = 0 }: Socket): string {
  return remoteAddress.includes(":")
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`;
}

/** Files that the process needs besides its connections: databases, libraries, watchers. */
const filesBesides = 256;

/**
 * The most connections that the process can have: its limit of open files, less
 * what it needs besides. Infinity where the limit is not known.
 */
export function possibleConnections(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
    return Math.max(16, files - filesBesides);
  } catch {
    return Infinity;
  }
}
