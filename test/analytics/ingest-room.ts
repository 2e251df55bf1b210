import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import {
  ViewBatchSchema,
  type IngestViewsRequestSchema,
  type IngestViewsResponse,
  type LogViewRequestSchema,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { Ingestion, type IngestionOptions } from "../../src/analytics/ingestion.ts";
import { ingestionHandlers } from "../../src/analytics/ingestion-service.ts";
import { ingestionRules } from "../../src/analytics/ingestion-rules.ts";
import { authenticate } from "../../src/authentication.ts";
import { requestIdKey } from "../../src/caller.ts";
import { crc32c } from "../../src/crc32c.ts";
import { DomainError } from "../../src/errors.ts";
import type { StoredView } from "../../src/log/log.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { RuleBook } from "../../src/rules.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startWire, transportFor, type TestWire } from "../wire/support/server.ts";

export type ViewInit = MessageInitShape<typeof LogViewRequestSchema>;
export type BatchInit = MessageInitShape<typeof IngestViewsRequestSchema>;

/** A real log behind a real port, with nothing but the methods that take views in. */
export interface IngestRoom extends TestWire {
  readonly log: SqliteLog;
  readonly ingestion: Ingestion;
  /** A client over gRPC. */
  readonly client: Client<typeof AnalyticsService>;
}

export async function startIngestRoom(
  options: IngestionOptions & { readonly headers?: { country: string; device: string } } = {},
): Promise<IngestRoom> {
  const log = await SqliteLog.open({ directory: await temporaryDirectory() });
  onTestFinished(() => log.close());
  const ingestion = new Ingestion(log, options);
  const headers = options.headers ?? { country: "", device: "" };
  const rules = new RuleBook([ingestionRules]);
  const wire = await startWire(
    {},
    {
      routes: (router) => router.service(AnalyticsService, ingestionHandlers(ingestion, headers)),
      authenticate,
      describeError: (error) => (error instanceof DomainError ? error : undefined),
      violations: (schema, request) => rules.violations(schema, request),
      requestIdKey,
      maxMessageBytes: 4 * 1_048_576,
      onDrain: () => ingestion.end(),
    },
  );
  const client = createClient(AnalyticsService, transportFor("grpc", wire.url));
  return { ...wire, log, ingestion, client };
}

/** All views of a log, in their order. */
export async function storedViews(log: SqliteLog): Promise<readonly StoredView[]> {
  const upTo = Number.MAX_SAFE_INTEGER;
  const selection = { after: 0, upTo, from: undefined, to: undefined, viewer: "" };
  return (await log.readViews(caller(), selection, 1_000_000)).views;
}

/** So many views of "video", with ids that begin so. */
export function someViews(count: number, name = "view"): ViewInit[] {
  return Array.from({ length: count }, (_, i) => ({ videoName: "video", viewId: `${name}-${i}` }));
}

/** A batch as it ought to be. */
export function batchOf(sequence: number, views: readonly ViewInit[]): BatchInit {
  const batch = toBinary(ViewBatchSchema, create(ViewBatchSchema, { views: [...views] }));
  return { sequence: BigInt(sequence), batch, crc32c: crc32c(batch) };
}

/** A stream of IngestViews. */
export interface IngestConversation {
  send(batch: BatchInit): void;
  /** Sends no more. */
  end(): void;
  next(): Promise<IteratorResult<IngestViewsResponse>>;
  /** Sends a batch and waits for its answer. */
  ask(batch: BatchInit): Promise<IngestViewsResponse>;
}

/** Opens a stream; it is ended when the test is over. */
export function converse(target: Client<typeof AnalyticsService> | Transport): IngestConversation {
  const client = "ingestViews" in target ? target : createClient(AnalyticsService, target);
  const queue: (BatchInit | undefined)[] = [];
  let wake = (): void => {};
  const put = (batch: BatchInit | undefined): void => {
    queue.push(batch);
    wake();
  };
  async function* requests() {
    for (;;) {
      if (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const batch = queue.shift();
      if (batch === undefined) return;
      yield batch;
    }
  }
  const canceling = new AbortController();
  onTestFinished(() => canceling.abort());
  const stream = client.ingestViews(requests(), { signal: canceling.signal });
  const answers = stream[Symbol.asyncIterator]();
  return {
    send: put,
    end: () => put(undefined),
    next: () => answers.next(),
    async ask(batch) {
      put(batch);
      const { done, value } = await answers.next();
      if (done === true) throw new Error("the server has ended the stream");
      return value;
    },
  };
}
