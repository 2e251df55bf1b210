import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Interceptor, Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { SessionManager } from "./session.ts";

/** The protocols that a client speaks. All of them reach the same port. */
export type Protocol = "grpc" | "grpc-web" | "connect";

/** The versions of HTTP that a client speaks. gRPC needs 2. */
export type HttpVersion = "1.1" | "2";

/** A transport over a connection of its own, and what ends that connection. */
export interface Connection {
  readonly transport: Transport;
  /** Ends the connection; running calls fail as canceled. */
  close(): void;
}

/**
 * Prepares a connection to a server; it is made by the first call.
 *
 * @throws TypeError if the URL is none, or gRPC is asked for over HTTP/1.1.
 */
export function connectTo(
  url: string,
  protocol: Protocol,
  httpVersion: HttpVersion,
  interceptors: Interceptor[],
): Connection {
  const { protocol: scheme } = parseUrl(url);
  if (httpVersion === "2") {
    const sessionManager = new SessionManager(url);
    const options = { baseUrl: url, sessionManager, interceptors };
    return { transport: create(protocol, options), close: () => sessionManager.abort() };
  }
  if (protocol === "grpc") throw new TypeError("gRPC needs HTTP/2: use connect over HTTP/1.1");
  const agent = new (scheme === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const http1 = { baseUrl: url, httpVersion, nodeOptions: { agent }, interceptors } as const;
  const transport =
    protocol === "connect" ? createConnectTransport(http1) : createGrpcWebTransport(http1);
  return { transport, close: () => agent.destroy() };
}

function parseUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null || !["http:", "https:"].includes(parsed.protocol)) {
    throw new TypeError(`${JSON.stringify(url)} is no URL that begins with http:// or https://`);
  }
  return parsed;
}

function create(
  protocol: Protocol,
  options: { baseUrl: string; sessionManager: SessionManager; interceptors: Interceptor[] },
): Transport {
  if (protocol === "grpc") return createGrpcTransport(options);
  if (protocol === "connect") return createConnectTransport({ ...options, httpVersion: "2" });
  return createGrpcWebTransport({ ...options, httpVersion: "2" });
}
