import type { Server } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import Fastify, { LogController, type FastifyInstance } from "fastify";
import { callLog } from "./access-log.ts";
import { allowOrigins } from "./cors.ts";
import { Engine } from "./engine/engine.ts";
import { watchLag } from "./engine/lag.ts";
import { createMethodRouter } from "./engine/methods.ts";
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
import { addRefusalRoutes } from "./refusal-routes.ts";
import { serviceOptions } from "./rpc-options.ts";
import { createRunningCalls } from "./running-calls.ts";
import { servedServices } from "./served.ts";

export type { WireOptions } from "./options.ts";
export { rpcOptions } from "./rpc-options.ts";

/** gRPC, gRPC-Web, Connect and plain HTTP on the same ports, over HTTP/1.1 and HTTP/2. */
export interface WireServer {
  /** For plain HTTP routes, to be added before the server listens. */
  readonly fastify: FastifyInstance;
  /** What it serves, each service once, sorted by name. */
  readonly services: readonly DescService[];
  /**
   * Opens the ports. To be called once.
   *
   * @param host an address, a name, or "localhost" for both of its address families.
   * @param ports 0 picks a free one.
   * @returns a base URL for each port, such as http://localhost:8080.
   * @throws Error in one line that names the host and the port that cannot be had.
   */
  listen(host: string, ports: readonly number[]): Promise<readonly string[]>;
  /** Reads the files of the certificate again, if there are any. */
  reloadCertificates(): void;
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
  const calls = createRunningCalls();
  const listeners: Server[] = [];
  let drained: Promise<{ readonly cut: number }> | undefined;
  let servers: HttpServers | undefined;
  let engine: Engine | undefined;

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
      // The engine comes first; what it does not take is Fastify's.
      const others = calls.follow(handler as NodeHandler);
      servers = createHttpServers(
        {
          request: (request, response) => {
            const isTaken =
              !("stream" in response) &&
              !("stream" in request) &&
              engine?.takeRequest(request, response);
            if (isTaken !== true) others(request, response);
          },
          stream: (stream, headers, guard) => engine?.takeStream(stream, headers, guard) === true,
        },
        { limits, logger: options.logger, tls: options.tls },
      );
      return servers.http1;
    },
  });
  const { accept, scheme, reloadCertificates } = required(servers);
  const onDrain = async (): Promise<void> => {
    try {
      await options.onDrain?.();
    } catch (error) {
      options.logger.error({ err: error }, "streams could not be ended");
    }
  };

  const log = options.logCall ?? callLog(options.logger);
  const { router, methods } = createMethodRouter(serviceOptions(options));
  options.routes(router);
  fastify.addHook("onRequest", (request, reply, done) => {
    reply.header(requestIdHeader, request.id);
    done();
  });
  fastify.setErrorHandler(answerFailure);
  fastify.setNotFoundHandler(unknownPathHandler(log));
  const isAllowed = originMatcher(options.origins ?? []);
  await allowOrigins(fastify, isAllowed);
  addHealthRoutes(fastify, () => drained === undefined && options.isReady());
  addRefusalRoutes(fastify, router.handlers, options, isAllowed, log);
  const lag = watchLag(options.maxLagMs ?? 0);
  const check = setInterval(() => calls.check(performance.now()), limits.checkMs).unref();
  engine = new Engine(options, {
    methods: methods.values(),
    running: calls,
    isAllowed,
    overload: lag.overload,
    limits,
    log,
  });

  return {
    fastify,
    services: servedServices(router),
    async listen(host, ports) {
      await fastify.ready();
      const urls: string[] = [];
      try {
        for (const port of ports) {
          const opened = await listenOn(host, port, accept, scheme);
          listeners.push(...opened.listeners);
          urls.push(opened.url);
        }
      } catch (error) {
        for (const listener of listeners) listener.close();
        throw error;
      }
      return urls;
    },
    reloadCertificates,
    drain(timeoutMs) {
      drained ??= drain(listeners, required(servers), calls, timeoutMs, onDrain, () => {
        calls.abort(new ConnectError("the server is shutting down", Code.Unavailable));
      }).then(async (result) => {
        lag.stop();
        clearInterval(check);
        servers?.close();
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
