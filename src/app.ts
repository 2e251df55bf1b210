import { readFile } from "node:fs/promises";
import type { ConnectRouter } from "@connectrpc/connect";
import { createRouterTransport } from "@connectrpc/connect";
import type { Logger } from "pino";
import manifest from "../package.json" with { type: "json" };
import { AdminService } from "../gen/admin/v1/admin_service_pb.js";
import { AnalyticsService } from "../gen/analytics/v1/analytics_service_pb.js";
import { CatalogService } from "../gen/catalog/v1/catalog_service_pb.js";
import { ProfileService } from "../gen/profiles/v1/profile_service_pb.js";
import { Recommendations } from "../gen/recommendations/v1/recommendations_service_pb.js";
import { AnalyticsService as TutorialAnalyticsService } from "../gen/tutorial/analytics_pb.js";
import { Bidirectional } from "../gen/tutorial/bidirectional_pb.js";
import { Greeter } from "../gen/tutorial/greeter_pb.js";
import { ProfileService as TutorialProfileService } from "../gen/tutorial/profile_service_pb.js";
import { Recommendations as TutorialRecommendations } from "../gen/tutorial/recommendations_pb.js";
import { RouteGuide } from "../gen/tutorial/route_guide_pb.js";
import { Unary } from "../gen/tutorial/unary_pb.js";
import { Backups } from "./admin/backup.ts";
import { backupHandlers } from "./admin/backup-service.ts";
import { adminRules } from "./admin/rules.ts";
import { adminService } from "./admin/service.ts";
import { Tail } from "./admin/tail.ts";
import { tailHandlers } from "./admin/tail-service.ts";
import { Erasure } from "./analytics/erasure.ts";
import { Exporter } from "./analytics/export.ts";
import { Ingestion } from "./analytics/ingestion.ts";
import { logViewShortcut } from "./analytics/ingestion-service.ts";
import { Live } from "./analytics/live.ts";
import { Questions } from "./analytics/questions.ts";
import { startRetention } from "./analytics/retention.ts";
import { ProjectedColumns } from "./analytics/columns/projected-columns.ts";
import { analyticsRules } from "./analytics/rules.ts";
import { analyticsService } from "./analytics/service.ts";
import { authenticate } from "./authentication.ts";
import { requestIdKey } from "./caller.ts";
import { SqliteCatalog } from "./catalog/items.ts";
import { catalogRules } from "./catalog/rules.ts";
import { catalogService } from "./catalog/service.ts";
import { createMarqueeClient } from "./client/client.ts";
import type { Config } from "./config.ts";
import { takeDataDirectory } from "./data-directory.ts";
import { DomainError } from "./errors.ts";
import { SqliteLog } from "./log/sqlite.ts";
import { addPages } from "./pages/pages.ts";
import { Profiles } from "./profiles/profiles.ts";
import { profileRules } from "./profiles/rules.ts";
import { profileService } from "./profiles/service.ts";
import { Evaluator } from "./recommendations/evaluation/evaluator.ts";
import { Outcomes } from "./recommendations/outcomes/outcomes.ts";
import { Recommender } from "./recommendations/recommender.ts";
import { recommendationRules } from "./recommendations/rules.ts";
import { recommendationsService } from "./recommendations/service.ts";
import { RuleBook } from "./rules.ts";
import { openState } from "./storage/state.ts";
import { tutorialAnalytics } from "./tutorial/analytics.ts";
import { bidirectional } from "./tutorial/bidirectional.ts";
import { greeter } from "./tutorial/greeter.ts";
import { tutorialProfiles } from "./tutorial/profiles.ts";
import { tutorialRecommendations } from "./tutorial/recommendations.ts";
import { routeGuide } from "./tutorial/route-guide.ts";
import { tutorialRules } from "./tutorial/rules.ts";
import { unary } from "./tutorial/unary.ts";
import type { CallLog } from "./wire/access-log.ts";
import { createHealth } from "./wire/health/health.ts";
import { addOpenApi } from "./wire/openapi/openapi.ts";
import { addDescriptors } from "./wire/reflection/descriptors-route.ts";
import { createReflection } from "./wire/reflection/reflection.ts";
import { defaultLimits, type ConnectionLimits } from "./wire/limits.ts";
import type { TlsOptions } from "./wire/pem.ts";
import { createWireServer, rpcOptions, type WireOptions } from "./wire/server.ts";

/** A running server. */
export interface App {
  /** Where it listens, such as http://localhost:8080. */
  readonly urls: readonly string[];
  /** Fulfilled once it is ready for traffic: what it keeps in memory is read. */
  readonly ready: Promise<void>;
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
  const { dataDir: directory } = config;

  opened.defer(takeDataDirectory(directory));
  const log = await SqliteLog.open({ directory, onFatal });
  opened.defer(() => log.close());
  const columns = await ProjectedColumns.open({
    log,
    directory,
    memoryMb: config.columnsMemoryMb,
    onFatal,
    onCatchUp: (position, head) => {
      logger.info({ position, head }, "building the columns from the log");
    },
    onFailure: (reason) => {
      logger.error({ reason }, "the columns cannot be used now; trying again");
    },
    onCaughtUp: (position, durationMs) => {
      logger.info({ position, durationMs }, "the columns are built");
    },
    onCompacted: (compacted) => {
      logger.info(compacted, compactedMessages[compacted.purpose]);
    },
    onCompactionFailure: (reason, { purpose, retryMs }) => {
      const level = purpose === "remove" ? "error" : "warn";
      logger[level]({ reason, retryMs }, compactionFailedMessages[purpose]);
    },
  });
  opened.defer(() => columns.close());
  const state = await openState({ directory, onFatal });
  opened.defer(() => state.destroy());
  const catalog = new SqliteCatalog(state);
  const profiles = new Profiles(state);
  const recommender = await Recommender.open({
    log,
    catalog,
    dataDir: directory,
    trainIntervalMs: config.trainIntervalMs,
    logger,
    onFatal,
  });
  opened.defer(() => recommender.close());
  const outcomes = await Outcomes.open({ state, logger });
  opened.defer(() => outcomes.close());
  const evaluator = new Evaluator(log.source);
  opened.defer(() => evaluator.close());
  const ingestion = new Ingestion(log, { countBotsApart: config.countBotsApart });
  const questions = new Questions(log, columns);
  const live = new Live({ log, columns });
  const exporter = new Exporter(log);
  const erasure = new Erasure(log, [
    (position, signal) => columns.reached(position, signal),
    (position, signal) => recommender.reached(position, signal),
  ]);
  const retention = startRetention({ log, days: config.retentionDays, logger });
  opened.defer(() => retention.close());
  const tail = new Tail({ log });
  const backups = await Backups.open({ log, directory });

  const viewHeaders = { country: config.countryHeader, device: config.deviceHeader };
  const routes = (router: ConnectRouter): void => {
    router.service(
      AnalyticsService,
      analyticsService({ ingestion, questions, live, exporter, erasure }, viewHeaders),
    );
    router.service(Recommendations, recommendationsService(recommender, { outcomes, evaluator }));
    router.service(
      AdminService,
      adminService({ tail: tailHandlers(tail), backup: backupHandlers(backups) }),
    );
    router.service(CatalogService, catalogService(catalog));
    router.service(
      ProfileService,
      profileService(profiles, (caller, id) => erasure.erase(caller, id)),
    );
  };
  const rules = new RuleBook([
    adminRules,
    analyticsRules,
    recommendationRules,
    catalogRules,
    profileRules,
    tutorialRules,
  ]);
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
  // The tutorial contracts reach the real services as everybody does: through
  // the public client. Here it stays within the process.
  const marquee = createMarqueeClient({
    transport: createRouterTransport(routes, { router: rpcOptions(wireOptions) }),
    retry: false,
  });
  const server = await createWireServer(
    {
      ...wireOptions,
      routes: (router) => {
        routes(router);
        router.service(Greeter, greeter);
        router.service(TutorialAnalyticsService, tutorialAnalytics(marquee));
        router.service(TutorialRecommendations, tutorialRecommendations(marquee));
        router.service(TutorialProfileService, tutorialProfiles(marquee));
        router.service(Unary, unary);
        router.service(Bidirectional, bidirectional);
        router.service(RouteGuide, routeGuide());
        health.addTo(router);
        reflection.addTo(router);
      },
      onDrain: () => {
        const streaming = [reflection, ingestion, live, exporter, recommender, tail, backups];
        for (const part of streaming) part.end();
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
    columns.reached(log.position, AbortSignal.timeout(2 ** 31 - 1)),
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
    reloadCertificates: () => server.reloadCertificates(),
    close: () =>
      (closed ??= (async () => {
        const drained = await server.drain(config.drainMs);
        await running.disposeAsync();
        return drained;
      })()),
  };
}

const compactedMessages = {
  remove: "what was erased is gone from the columns' file",
  cluster: "the columns' file was sorted",
} as const;

const compactionFailedMessages = {
  remove: "what was erased is still in the columns' file",
  cluster: "the columns' file could not be sorted, and answers about one video take longer",
} as const;

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
