import type { Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import { orAborted } from "../wire/abortable.ts";
import { quiet } from "./ingest-batches.ts";
import type { IngestView } from "./ingest-batches.ts";
import { ingestSettings, type IngestOptions } from "./ingest-options.ts";
import { IngestSession } from "./ingest-session.ts";

/** How long to wait for something. */
export interface IngestWait {
  /** Ends the wait: it rejects with the reason. */
  readonly signal?: AbortSignal;
}

/**
 * Sends any number of views, each of which is counted once, whatever happens to
 * the connection or the server meanwhile. What can pass is waited for; what
 * cannot (a server that does not know the method, or lets nobody in) ends it,
 * and what is called then rejects with the error.
 */
export interface Ingest extends AsyncDisposable {
  /**
   * Takes a view as it is now, and gives it an id if it has none. Fulfilled at
   * once, or as soon as there is room for the next one: who waits for that never
   * has more views in memory than the options say.
   */
  log(view: IngestView): Promise<void>;
  /** Fulfilled when all views taken so far are acknowledged. */
  flush(wait?: IngestWait): Promise<void>;
  /**
   * Takes no more views, and is fulfilled when all are acknowledged. If the
   * signal aborts first, everything ends, and it rejects with the reason.
   */
  close(wait?: IngestWait): Promise<void>;
  /** How many views are on disk, those included that were before. */
  readonly acknowledged: number;
  /** How many of them had been logged before; views that were sent again may be among them. */
  readonly duplicates: number;
  /** How many views cannot be logged. */
  readonly rejected: number;
  /** How many views were taken and are not answered yet. */
  readonly buffered: number;
  /** The position of the log after what was acknowledged: a `min_position` that sees all of it. */
  readonly position: bigint;
}

/**
 * Makes an {@link Ingest} over a client whose transport speaks HTTP/2. Nothing is
 * connected before the first batch.
 *
 * ```ts
 * await using ingest = marquee.ingest();
 * for (const view of views) await ingest.log(view);
 * ```
 *
 * @param isClosed whether the client was closed: then no stream is begun again.
 * @throws RangeError for an option out of its bounds.
 */
export function createIngest(
  client: Pick<Client<typeof AnalyticsService>, "ingestViews">,
  options: IngestOptions = {},
  isClosed: () => boolean = () => false,
): Ingest {
  const session = new IngestSession(client, ingestSettings(options), isClosed);
  const { signal } = options;
  const onAbort = (): void => session.fail(signal?.reason);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });

  const close = async ({ signal: late }: IngestWait = {}): Promise<void> => {
    const onLate = (): void => session.fail(late?.reason);
    if (late?.aborted === true) onLate();
    else late?.addEventListener("abort", onLate, { once: true });
    try {
      await session.close();
    } finally {
      late?.removeEventListener("abort", onLate);
      signal?.removeEventListener("abort", onAbort);
    }
  };
  return {
    log: (view) => session.log(view),
    flush: ({ signal: late } = {}) => {
      const flushed = session.flush();
      return late === undefined ? flushed : quiet(orAborted(flushed, late));
    },
    close,
    get acknowledged() {
      return session.acknowledged;
    },
    get duplicates() {
      return session.duplicates;
    },
    get rejected() {
      return session.rejected;
    },
    get buffered() {
      return session.buffered;
    },
    get position() {
      return session.position;
    },
    [Symbol.asyncDispose]: () => close(),
  };
}
