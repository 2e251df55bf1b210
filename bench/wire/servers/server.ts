/** Where a server listens, each as a base URL such as http://127.0.0.1:8080. */
export interface Addresses {
  /** Undefined for a server that does not speak HTTP/1.1. */
  readonly http1?: string;
  /** Cleartext HTTP/2. */
  readonly http2: string;
}

/** A server that runs. Its process ends without its help. */
interface RunningServer extends Addresses {
  /** How many calls an interceptor of the application saw; undefined where there is none. */
  readonly intercepted?: () => number;
}

/** Starts a server on free ports of 127.0.0.1. */
export type StartServer = () => Promise<RunningServer>;

/** The names of the servers, in the order of the table; the first is what all others are measured by. */
export const serverNames = ["bare", "ours", "grpc-js", "connect-fastify"] as const;
export type ServerName = (typeof serverNames)[number];

/** What each of them is, for the reader of the table. */
export const serverTitles: Readonly<Record<ServerName, string>> = {
  bare: "bare Node",
  ours: "Marquee",
  "grpc-js": "@grpc/grpc-js",
  "connect-fastify": "connect-fastify",
};
