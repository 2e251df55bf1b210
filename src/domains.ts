import type { Logger } from "pino";
import { Backups } from "./admin/backup.ts";
import { Tail } from "./admin/tail.ts";
import { Erasure } from "./analytics/erasure.ts";
import { Exporter } from "./analytics/export.ts";
import { Ingestion } from "./analytics/ingestion.ts";
import { Live } from "./analytics/live.ts";
import { Questions } from "./analytics/questions.ts";
import { startRetention } from "./analytics/retention.ts";
import { ProjectedColumns } from "./analytics/columns/projected-columns.ts";
import { SqliteCatalog } from "./catalog/items.ts";
import type { Config } from "./config.ts";
import { SqliteLog } from "./log/sqlite.ts";
import { Profiles } from "./profiles/profiles.ts";
import { Evaluator } from "./recommendations/evaluation/evaluator.ts";
import { Outcomes } from "./recommendations/outcomes/outcomes.ts";
import { Recommender } from "./recommendations/recommender.ts";
import { openState } from "./storage/state.ts";

/** What the services are made of, on the files of one data directory. */
export interface Domains {
  readonly log: SqliteLog;
  readonly columns: ProjectedColumns;
  readonly catalog: SqliteCatalog;
  readonly profiles: Profiles;
  readonly recommender: Recommender;
  readonly outcomes: Outcomes;
  readonly evaluator: Evaluator;
  readonly ingestion: Ingestion;
  readonly questions: Questions;
  readonly live: Live;
  readonly exporter: Exporter;
  readonly erasure: Erasure;
  readonly tail: Tail;
  readonly backups: Backups;
}

/** What {@link openDomains} tells, and where it puts what is to be closed. */
export interface DomainOptions {
  readonly logger: Logger;
  /** Called when a part failed that the server cannot do without. */
  readonly onFatal: (error: Error) => void;
  /** Closes all of it, in the opposite order, what was opened by a start that failed too. */
  readonly opened: AsyncDisposableStack;
}

/**
 * Opens log, projections and domains, from the bottom up. The data directory must
 * be ours. Fails with an Error whose message says what to do about it.
 */
export async function openDomains(
  config: Config,
  { logger, onFatal, opened }: DomainOptions,
): Promise<Domains> {
  const { dataDir: directory } = config;
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
  return {
    log,
    columns,
    catalog,
    profiles,
    recommender,
    outcomes,
    evaluator,
    ingestion,
    questions,
    live,
    exporter,
    erasure,
    tail,
    backups,
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
