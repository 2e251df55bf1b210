import { pino } from "pino";
import { onTestFinished } from "vitest";
import { AdminService } from "../../gen/admin/v1/admin_service_pb.js";
import { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import { adminRules } from "../../src/admin/rules.ts";
import { tailHandlers } from "../../src/admin/tail-service.ts";
import { Tail } from "../../src/admin/tail.ts";
import { ProjectedColumns } from "../../src/analytics/columns/projected-columns.ts";
import { liveRules } from "../../src/analytics/live-rules.ts";
import { liveHandlers } from "../../src/analytics/live-service.ts";
import { Live } from "../../src/analytics/live.ts";
import { authenticate } from "../../src/authentication.ts";
import { requestIdKey } from "../../src/caller.ts";
import {
  createMarqueeClient,
  type MarqueeClient,
  type MarqueeClientOptions,
} from "../../src/client/client.ts";
import { DomainError } from "../../src/errors.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { RuleBook } from "../../src/rules.ts";
import { createWireServer, type WireServer } from "../../src/wire/server.ts";
import { temporaryDirectory } from "./directory.ts";

/** How long things take, in milliseconds; the defaults of the server are too long for tests. */
export interface Pace {
  readonly heartbeatMs?: number;
  readonly currentMs?: number;
  readonly maxWaitMs?: number;
}

export interface LiveServer {
  readonly log: SqliteLog;
  readonly columns: ProjectedColumns;
  readonly live: Live;
  readonly server: WireServer;
  readonly url: string;
  readonly client: MarqueeClient;
  /** Another client of it. */
  connect(options?: MarqueeClientOptions): MarqueeClient;
  /** Another server in its place, once it is stopped: at the same port, with the same log. */
  startAgain(): Promise<unknown>;
}

/** A server of what streams: with a real log and real columns, and times that tests can wait for. */
export async function startLiveServer(pace: Pace = {}): Promise<LiveServer> {
  return await startLiveServerOf(await temporaryDirectory(), pace);
}

/** The same with a data directory of yours. */
export async function startLiveServerOf(directory: string, pace: Pace): Promise<LiveServer> {
  const log = await SqliteLog.open({ directory });
  onTestFinished(() => log.close());
  const columns = await ProjectedColumns.open({
    log,
    directory,
    memoryMb: 256,
    onFatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => columns.close());
  const live = new Live({ log, columns, ...pace });
  const { server, url } = await serve(live, new Tail({ log, ...pace }), 0);
  const connect = (options: MarqueeClientOptions = {}): MarqueeClient => {
    const client = createMarqueeClient({ url, retry: false, ...options });
    onTestFinished(() => client.close());
    return client;
  };
  const startAgain = (): Promise<unknown> =>
    serve(
      new Live({ log, columns, ...pace }),
      new Tail({ log, ...pace }),
      Number(new URL(url).port),
    );
  return { log, columns, live, server, url, client: connect(), connect, startAgain };
}

async function serve(
  live: Live,
  tail: Tail,
  port: number,
): Promise<{ readonly server: WireServer; readonly url: string }> {
  const rules = new RuleBook([liveRules, adminRules]);
  const server = await createWireServer({
    routes: (router) => {
      router.service(AnalyticsService, liveHandlers(live));
      router.service(AdminService, tailHandlers(tail));
    },
    authenticate,
    describeError: (error) => (error instanceof DomainError ? error : undefined),
    violations: (schema, request) => rules.violations(schema, request),
    requestIdKey,
    isReady: () => true,
    logger: pino({ level: "error" }, pino.destination(2)),
    maxMessageBytes: 4_194_304,
    deadlineMs: 30_000,
    allowUnknownFields: false,
    onDrain: () => {
      live.end();
      tail.end();
    },
  });
  const [url = ""] = await server.listen("127.0.0.1", [port]);
  onTestFinished(async () => {
    await server.drain(0);
  });
  return { server, url };
}
