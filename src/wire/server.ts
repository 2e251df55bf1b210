import type { Server } from "node:net";
import { Code, ConnectError, createConnectRouter } from "@connectrpc/connect";
import Fastify, { LogController, type FastifyInstance } from "fastify";
import { allowOrigins } from "./cors.ts";
import { drain } from "./drain.ts";
import { createHttpServers, type HttpServers } from "./http-servers.ts";
import { defaultLimits, type ConnectionLimits } from "./limits.ts";
import { listenOn } from "./listen.ts";
import type { NodeHandler } from "./node-types.ts";
import type { WireOptions } from "./options.ts";
import { originMatcher } from "./origins.ts";
import { addHealthRoutes, answerFailure, unknownPathHandler } from "./plain.ts";
import { answerBrokenRequest } from "./broken-request.ts";
import { requestIdFrom, requestIdHeader } from "./request-id.ts";
import { addRpcRoutes } from "./rpc.ts";
import { rpcOptions } from "./rpc-options.ts";
import { createRunningCalls } from "./running-calls.ts";

export type { WireOptions } from "./options.ts";
export { rpcOptions } from "./rpc-options.ts";

/** gRPC, gRPC-Web, Connect and plain HTTP on the same ports, over HTTP/1.1 and HTTP/2. */
export interface WireServer {
  /** For plain HTTP routes, to be added before the server listens. */
  readonly fastify: FastifyInstance;
  /**
   * Opens the ports. To be called once.
   *
   * @param host an address, a name, or "localhost" for both of its address families.
   * @param ports 0 picks a free one.
   * @returns a base URL for each port, such as http://localhost:8080.
   * @throws Error in one line that names the host and the port that cannot be had.
   */
  listen(host: string, ports: readonly number[]): Promise<readonly string[]>;
  /**
   * Closes the ports, lets running calls finish, and cuts those that still run
   * after `timeoutMs` milliseconds. Resolves when all connections are closed,
   * with the number of calls that were cut.
   */
  drain(timeoutMs: number): Promise<{ readonly cut: number }>;
}

/** Creates a server that does not listen yet. `limits` are for tests that cannot wait. */
export async function createWireServer(
  options: WireOptions,
  limits: ConnectionLimits = defaultLimits,
): Promise<WireServer> {
  const shutdown = new AbortController();
  const calls = createRunningCalls();
  const listeners: Server[] = [];
  let drained: Promise<{ readonly cut: number }> | undefined;
  let servers: HttpServers | undefined;

  const fastify = Fastify({
    loggerInstance: options.logger,
    // A call has its own line: see access-log.ts.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestIdFrom(request.headers[requestIdHeader]),
    frameworkErrors: answerFailure,
    clientErrorHandler: answerBrokenRequest,
    bodyLimit: options.maxMessageBytes,
    trustProxy: [...(options.trustedProxies ?? [])],
    serverFactory: (handler) => {
      servers = createHttpServers(calls.follow(handler as NodeHandler), limits);
      return servers.http1;
    },
  });
  const { accept } = required(servers);
  const onDrain = async (): Promise<void> => {
    try {
      await options.onDrain?.();
    } catch (error) {
      options.logger.error({ err: error }, "streams could not be ended");
    }
  };

  const router = createConnectRouter(rpcOptions(options, shutdown.signal));
  options.routes(router);
  fastify.addHook("onRequest", (request, reply, done) => {
    reply.header(requestIdHeader, request.id);
    done();
  });
  fastify.setErrorHandler(answerFailure);
  fastify.setNotFoundHandler(unknownPathHandler(options.logger));
  const isAllowed = originMatcher(options.origins ?? []);
  await allowOrigins(fastify, isAllowed);
  addHealthRoutes(fastify, () => drained === undefined && options.isReady());
  addRpcRoutes(fastify, router.handlers, options, isAllowed);

  return {
    fastify,
    async listen(host, ports) {
      await fastify.ready();
      const urls: string[] = [];
      try {
        for (const port of ports) {
          const opened = await listenOn(host, port, accept);
          listeners.push(...opened.listeners);
          urls.push(opened.url);
        }
      } catch (error) {
        for (const listener of listeners) listener.close();
        throw error;
      }
      return urls;
    },
    drain(timeoutMs) {
      drained ??= drain(listeners, required(servers), calls, timeoutMs, onDrain, () => {
        shutdown.abort(new ConnectError("the server is shutting down", Code.Unavailable));
      }).then(async (result) => {
        servers?.http1.close();
        servers?.http2.close();
        await fastify.close();
        return result;
      });
      return drained;
    },
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("Fastify did not ask for a server");
  return value;
}
