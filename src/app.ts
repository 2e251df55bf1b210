import { readFile } from "node:fs/promises";
import type { ConnectRouter } from "@connectrpc/connect";
import { createRouterTransport } from "@connectrpc/connect";
import type { Logger } from "pino";
import manifest from "../package.json" with { type: "json" };
import { AnalyticsService } from "../gen/analytics/v1/analytics_service_pb.js";
import { logViewShortcut } from "./analytics/ingestion-service.ts";
import { authenticate } from "./authentication.ts";
import { requestIdKey } from "./caller.ts";
import { createMarqueeClient, type MarqueeClient } from "./client/client.ts";
import type { Config } from "./config.ts";
import { takeDataDirectory } from "./data-directory.ts";
import { DomainError } from "./errors.ts";
import { addPages } from "./pages/pages.ts";
import type { SampleProgress } from "./sample/progress.ts";
import { Sample } from "./sample/sample.ts";
import type { CallLog } from "./wire/access-log.ts";
import { createHealth } from "./wire/health/health.ts";
import { addOpenApi } from "./wire/openapi/openapi.ts";
import { addDescriptors } from "./wire/reflection/descriptors-route.ts";
import { createReflection } from "./wire/reflection/reflection.ts";
import { defaultLimits, type ConnectionLimits } from "./wire/limits.ts";
import type { TlsOptions } from "./wire/pem.ts";
import { createWireServer, rpcOptions, type WireOptions } from "./wire/server.ts";
import { openDomains } from "./domains.ts";
import { addFront, addServices, rules } from "./services.ts";

/** A running server. */
export interface App {
  /** Where it listens, such as http://localhost:8080. */
  readonly urls: readonly string[];
  /** Fulfilled once it is ready for traffic: what it keeps in memory is read. */
  readonly ready: Promise<void>;
  /**
   * Loads the sample data, and tells how far it is.
   *
   * @throws DomainError "failed_precondition" unless the catalog is empty, or has
   * a part of the sample.
   */
  loadSample(): AsyncIterable<SampleProgress>;
  /** Reads the files of the certificate again, if there are any. */
  reloadCertificates(): void;
  /**
   * Stops it: running calls finish, up to the configured time, then all that
   * was acknowledged is where it belongs. Tells how many calls were cut.
   */
  close(): Promise<{ cut: number }>;
}

export interface AppOptions {
  readonly logger: Logger;
  /** Takes every call once it is over. Default: a line of the logger, at info. */
  readonly logCall?: CallLog | undefined;
  /** Called when a part of the server failed that it cannot do without. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Puts the server together, from the bottom up: configuration, log,
 * projections, domains, services, wire. Fails with an Error whose message
 * says what to do about it.
 */
export async function startApp(config: Config, options: AppOptions): Promise<App> {
  const { logger, onFatal } = options;
  // What was opened is closed in the opposite order, also when the start fails half-way.
  await using opened = new AsyncDisposableStack();

  opened.defer(takeDataDirectory(config.dataDir));
  const domains = await openDomains(config, { logger, onFatal, opened });
  const { ingestion, live, exporter, recommender, tail, backups } = domains;

  const viewHeaders = { country: config.countryHeader, device: config.deviceHeader };
  const routes = (router: ConnectRouter): void => addServices(router, domains, viewHeaders);
  let ready = false;
  const health = createHealth();
  const descriptors = await readFile(descriptorsFile);
  const reflection = createReflection({ descriptors });
  const wireOptions: WireOptions = {
    routes,
    authenticate,
    describeError: (error) => (error instanceof DomainError ? error : undefined),
    violations: (schema, request) => rules.violations(schema, request),
    requestIdKey,
    isReady: () => ready,
    beacons: [AnalyticsService.method.logView],
    shortcuts: [
      {
        method: AnalyticsService.method.logView,
        serve: logViewShortcut(ingestion, viewHeaders),
      },
    ],
    origins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    logger,
    logCall: options.logCall,
    maxMessageBytes: config.maxMessageBytes,
    deadlineMs: config.deadlineMs,
    maxLagMs: config.maxLagMs,
    allowUnknownFields: config.allowUnknownFields,
    tls: tlsOf(config),
  };
  // Pages, sample data and tutorial contracts reach the real services as everybody
  // does: through the public client. Here it stays within the process.
  const marquee = createMarqueeClient({
    transport: createRouterTransport(routes, { router: rpcOptions(wireOptions) }),
    retry: false,
  });
  let sources: MarqueeClient = marquee;
  if (config.recommendationsUrl !== "") {
    const elsewhere = createMarqueeClient({ url: config.recommendationsUrl, retry: false });
    opened.defer(() => elsewhere.close());
    sources = { ...marquee, recommendations: elsewhere.recommendations };
  }
  const sample = new Sample(marquee);
  const server = await createWireServer(
    {
      ...wireOptions,
      routes: (router) => {
        routes(router);
        addFront(router, { marquee, sources, sample, logger });
        health.addTo(router);
        reflection.addTo(router);
      },
      onDrain: () => {
        const streaming = [reflection, ingestion, live, exporter, recommender, tail, backups];
        for (const part of [...streaming, sample]) part.end();
        return health.shutDown();
      },
    },
    limitsOf(config),
  );
  opened.defer(async () => {
    await server.drain(0);
  });

  addDescriptors(server.fastify, server.services, descriptors);
  addOpenApi(server.fastify, {
    services: server.services,
    descriptors,
    info: {
      title: "Marquee",
      version: manifest.version,
      description: "Counts every view and recommends what comes next.",
      license: { name: "Apache License 2.0", identifier: "Apache-2.0" },
    },
    allowUnknownFields: config.allowUnknownFields,
  });
  if (!(await addPages(server.fastify))) {
    logger.warn("the pages are not built, and not served: npm run build:pages");
  }
  const urls = await server.listen(config.host, config.ports);
  for (const url of urls) logger.info({ url }, "listening");
  const readiness = Promise.all([
    domains.columns.reached(domains.log.position, AbortSignal.timeout(2 ** 31 - 1)),
    recommender.caughtUp(),
  ]).then(() => {
    ready = true;
    health.setServing(true);
    logger.info("ready");
  });
  const running = opened.move();
  let closed: Promise<{ cut: number }> | undefined;
  readiness.catch((error: Error) => {
    // One that is stopped before it is ready has nothing to be ready for.
    if (closed === undefined) onFatal(error);
  });
  return {
    urls,
    ready: readiness,
    loadSample: () => sample.load(),
    reloadCertificates: () => server.reloadCertificates(),
    close: () =>
      (closed ??= (async () => {
        const drained = await server.drain(config.drainMs);
        await running.disposeAsync();
        return drained;
      })()),
  };
}

/** Written by `npm run generate`: the contracts with their comments, for reflection. */
const descriptorsFile = new URL("../gen/descriptors.binpb", import.meta.url);

function tlsOf({ tlsCert, tlsKey, tlsClientCa }: Config): TlsOptions | undefined {
  if (tlsCert === "") return undefined;
  return {
    cert: { file: tlsCert, setting: "MARQUEE_TLS_CERT" },
    key: { file: tlsKey, setting: "MARQUEE_TLS_KEY" },
    ...(tlsClientCa !== "" && {
      clientCa: { file: tlsClientCa, setting: "MARQUEE_TLS_CLIENT_CA" },
    }),
  };
}

function limitsOf(config: Config): ConnectionLimits {
  const { maxConnections, maxStreams, maxHeaderBytes, idleMs, maxConnectionAgeMs } = config;
  const chosen = { maxConnections, maxStreams, maxHeaderBytes, idleMs };
  return { ...defaultLimits, ...chosen, maxAgeMs: maxConnectionAgeMs };
}
