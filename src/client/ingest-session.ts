import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import {
  IngestStatus,
  ViewBatchSchema,
  type IngestViewsResponse,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { BatchBuilder, quiet, type IngestBatch, type IngestView } from "./ingest-batches.ts";
import { streamFailure } from "./ingest-failure.ts";
import type { IngestSettings } from "./ingest-options.ts";
import { Outbox } from "./ingest-outbox.ts";
import { wait } from "./retry.ts";

/** How long the server may take to end a stream that has been answered, in milliseconds. */
const LAST_WORDS_MS = 1_000;

/** What is to become of an ingest while it waits. */
interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Sends views over one stream after the other, until all of them are acknowledged. */
export class IngestSession {
  acknowledged = 0;
  duplicates = 0;
  rejected = 0;
  position = 0n;
  readonly #client: Pick<Client<typeof AnalyticsService>, "ingestViews">;
  readonly #settings: IngestSettings;
  /** Whether the client was closed, so that no stream may be begun. */
  readonly #isClosed: () => boolean;
  readonly #builder = new BatchBuilder();
  readonly #outbox: Outbox;
  readonly #stop = new AbortController();
  #linger: NodeJS.Timeout | undefined;
  #room: Deferred | undefined;
  #flushes: { readonly upTo: bigint; readonly done: Deferred }[] = [];
  #running: Promise<void> | undefined;
  #isClosing = false;
  #closed: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #answers = 0;

  constructor(
    client: Pick<Client<typeof AnalyticsService>, "ingestViews">,
    settings: IngestSettings,
    isClosed: () => boolean,
  ) {
    this.#client = client;
    this.#settings = settings;
    this.#isClosed = isClosed;
    this.#outbox = new Outbox(settings.maxUnacknowledged);
  }

  get buffered(): number {
    return this.#builder.views + this.#outbox.views;
  }

  log(view: IngestView): Promise<void> {
    if (this.#failure !== undefined) return failed(this.#failure.error);
    if (this.#isClosing) return failed(new Error("the ingest is closed"));
    const { batchViews, batchBytes, lingerMs } = this.#settings;
    let bytes: Uint8Array;
    try {
      bytes = this.#builder.encode(view);
    } catch (error) {
      return failed(error);
    }
    if (this.#builder.bytes + bytes.length > batchBytes) this.#seal();
    this.#builder.push(bytes);
    if (this.#builder.views >= batchViews) this.#seal();
    else this.#linger ??= setTimeout(this.#onLinger, lingerMs);
    return this.#hasRoom() ? READY : (this.#room ??= deferred()).promise;
  }

  flush(): Promise<void> {
    if (this.#failure !== undefined) return failed(this.#failure.error);
    this.#seal();
    const upTo = this.#outbox.last;
    if (this.#outbox.isAnswered(upTo)) return READY;
    const done = deferred();
    this.#flushes.push({ upTo, done });
    return done.promise;
  }

  close(): Promise<void> {
    return (this.#closed ??= quiet(this.#close()));
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    await this.flush();
    this.#outbox.wake();
    // It need not end well: all is acknowledged.
    if (this.#running !== undefined) {
      const late = setTimeout(() => this.#stop.abort(), LAST_WORDS_MS);
      await this.#running;
      clearTimeout(late);
    }
    this.fail(new Error("the ingest is closed"));
  }

  /** Ends everything, unless it has ended. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    clearTimeout(this.#linger);
    this.#stop.abort(error);
    this.#outbox.wake();
    this.#room?.reject(error);
    for (const { done } of this.#flushes) done.reject(error);
    this.#flushes = [];
  }

  #hasRoom(): boolean {
    const { maxBuffered, maxBufferedBytes } = this.#settings;
    return this.buffered < maxBuffered && this.#outbox.bytes < maxBufferedBytes;
  }

  readonly #onLinger = (): void => {
    this.#linger = undefined;
    if (this.#builder.views === 0) return;
    // What cannot be sent yet had better wait for others.
    if (this.#outbox.isBehind) this.#linger = setTimeout(this.#onLinger, this.#settings.lingerMs);
    else this.#seal();
  };

  #seal(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    if (this.#builder.views === 0) return;
    this.#outbox.add(this.#builder.seal());
    this.#running ??= this.#run();
  }

  /** One stream after the other, as long as there is something to send. Never rejects. */
  async #run(): Promise<void> {
    const { attempts, initialMs, maxMs } = this.#settings;
    let failures = 0;
    while (this.#failure === undefined && this.#outbox.views > 0) {
      const before = this.#answers;
      const error = await this.#converse();
      // A stream that nothing waits for may end as it likes.
      if (this.#failure !== undefined || this.#outbox.views === 0) break;
      if (this.#answers > before) failures = 0;
      failures++;
      const { mayPass, retryAfterMs } = streamFailure(error);
      if (!mayPass || failures >= attempts || this.#isClosed()) {
        this.fail(error);
        break;
      }
      const bound = Math.min(maxMs, initialMs * 2 ** (failures - 1));
      await wait(retryAfterMs ?? Math.random() * bound, this.#stop.signal).catch(() => {});
    }
    this.#running = undefined;
  }

  /** One stream, from its begin to its end. Returns what it ended with, if it was not at its end. */
  async #converse(): Promise<unknown> {
    const stalled = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, stalled.signal]);
    const { stallMs } = this.#settings;
    const conversation = this.#outbox.begin(() => this.#isClosing && this.buffered === 0);
    const watch = setInterval(() => {
      if (conversation.msSinceProgress() < stallMs) return;
      const message = `the server has answered nothing for ${stallMs} ms`;
      stalled.abort(new ConnectError(message, Code.Unavailable));
    }, stallMs / 4);
    try {
      const answers = this.#client.ingestViews(conversation.requests(), { signal });
      for await (const answer of answers) this.#take(answer);
      return this.#outbox.views === 0
        ? undefined
        : new ConnectError("the server ended the stream", Code.Unavailable);
    } catch (error) {
      return error;
    } finally {
      clearInterval(watch);
      conversation.end();
    }
  }

  #take(answer: IngestViewsResponse): void {
    this.#answers++;
    const { sequence, status } = answer;
    if (status === IngestStatus.RESEND) {
      this.#outbox.resend(sequence);
      return;
    }
    if (status !== IngestStatus.OK && status !== IngestStatus.REJECTED) {
      throw new ConnectError(`the server answered with status ${status}`, Code.Internal);
    }
    const batch = this.#outbox.acknowledge(sequence);
    const logged = Number(answer.logged);
    const duplicates = Number(answer.duplicates);
    this.acknowledged += logged + duplicates;
    this.duplicates += duplicates;
    if (answer.position > this.position) this.position = answer.position;
    this.#tellRejected(batch, answer);
    this.#settle();
  }

  #tellRejected(batch: IngestBatch, { rejected }: IngestViewsResponse): void {
    if (rejected.length === 0) return;
    const { views } = fromBinary(ViewBatchSchema, batch.bytes);
    for (const { index, field, reason } of rejected) {
      const refused = index < 0 ? views : views.slice(index, index + 1);
      this.rejected += refused.length;
      try {
        for (const view of refused) this.#settings.onRejected?.({ view, field, reason });
      } catch (error) {
        this.fail(error);
      }
    }
  }

  /** Lets those go on who wait for what was acknowledged. */
  #settle(): void {
    if (this.#room !== undefined && this.#hasRoom()) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#flushes.length === 0) return;
    const isDone = ({ upTo }: { upTo: bigint }): boolean => this.#outbox.isAnswered(upTo);
    const done = this.#flushes.filter(isDone);
    this.#flushes = this.#flushes.filter((flush) => !isDone(flush));
    for (const flush of done) flush.done.resolve();
  }
}

const READY = Promise.resolve();

function deferred(): Deferred {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { promise: quiet(promise), resolve, reject };
}

function failed(reason: unknown): Promise<void> {
  return quiet(Promise.reject<void>(reason as Error));
}
