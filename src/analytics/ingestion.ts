import type { LogViewRequest } from "../../gen/analytics/v1/ingestion_pb.js";
import type { Caller } from "../caller.ts";
import { crc32c } from "../crc32c.ts";
import { DomainError } from "../errors.ts";
import type { Log, NewView } from "../log/log.ts";
import { BatchStream, type Batch, type BatchAnswer, type BatchWork } from "./batch-stream.ts";
import { Bots } from "./bots.ts";
import { checkViews, readBatch, type CheckedViews, type Rejected } from "./view-batch.ts";
import { ViewCollector, type Outcome } from "./view-collector.ts";
import { ViewGate } from "./view-gate.ts";
import type { ViewContext } from "./views.ts";

export interface LoggedView {
  readonly viewId: string;
  readonly duplicate: boolean;
  readonly position: number;
}

export interface IngestionOptions {
  /** Whether known bots are told from people, by their User-Agent. Default: false. */
  readonly countBotsApart?: boolean;
}

/**
 * How many views of streams may be on their way to the disk: enough for some
 * transactions, so that the disk never waits, and few enough for a single view to
 * wait no longer behind them than a tenth of a second. Streams that have more
 * wait themselves; so the log need refuse none of them.
 */
const MAX_VIEWS_WAITING = 12_000;

const TAKEN = "Names a logged view of another video or viewer.";

/** Takes views in. */
export class Ingestion {
  /** What tells bots from people; undefined if they are not counted apart. */
  readonly bots: Bots | undefined;
  readonly #log: Log;
  readonly #gate = new ViewGate(MAX_VIEWS_WAITING);
  readonly #ending = new AbortController();

  constructor(log: Log, { countBotsApart = false }: IngestionOptions = {}) {
    this.#log = log;
    this.bots = countBotsApart ? new Bots() : undefined;
  }

  /** Logs a view. It is on disk, and counted once for each view id, when this is fulfilled. */
  async logView(caller: Caller, view: NewView): Promise<LoggedView> {
    const { viewId } = view;
    const { outcome, position } = await this.#log.appendView(caller, view);
    if (outcome === "conflict") {
      throw new DomainError(
        "already_exists",
        `view_id: a view ${JSON.stringify(viewId)} of another video or viewer was logged before`,
        {
          reason: "VIEW_ID_TAKEN",
          metadata: { view_id: viewId },
          violations: [{ field: "view_id", description: TAKEN }],
        },
      );
    }
    return { viewId, duplicate: outcome !== "logged", position };
  }

  /**
   * Logs the views of a stream; all of them are on disk when this is fulfilled.
   * Rejects with a DomainError "invalid_argument" when more than 1,000 cannot be
   * logged, or as the log does: then some may have been logged.
   */
  async logViews(
    caller: Caller,
    messages: AsyncIterable<{ readonly views: readonly LogViewRequest[] }>,
  ): Promise<Outcome> {
    const collector = new ViewCollector((views) => this.#append(caller, views));
    let count = 0;
    for await (const { views } of messages) {
      const checked = checkViews(views, count, this.#context());
      count += views.length;
      await collector.add(checked);
    }
    const outcome = await collector.finish();
    return { ...outcome, position: this.#log.position };
  }

  /**
   * Logs batches of views, and answers each of them in their order once it is on
   * disk. Ends with a DomainError "invalid_argument" for a sequence that does not
   * grow, "unavailable" when {@link end} is called, or as the log does.
   */
  ingest(
    caller: Caller,
    batches: AsyncIterable<Batch>,
  ): AsyncGenerator<BatchAnswer<Outcome>, void, undefined> {
    const work = (bytes: Uint8Array, checksum: number): BatchWork<Outcome> => {
      if (crc32c(bytes) !== checksum) return { views: 0, answer: undefined };
      const checked = readBatch(bytes, this.#context());
      return { views: checked.views.length, answer: this.#append(caller, checked) };
    };
    return new BatchStream(work, this.#ending.signal).answers(batches);
  }

  /** Ends all streams of batches once they have answered what they took, and those to come. */
  end(): void {
    this.#ending.abort();
  }

  #context(): ViewContext {
    return { now: Date.now(), country: "", device: "", userAgent: "", bots: this.bots };
  }

  async #append(caller: Caller, { views, places, rejected }: CheckedViews): Promise<Outcome> {
    let logged = 0;
    let taken: Rejected[] = [];
    if (views.length > 0) {
      await this.#gate.enter(views.length);
      try {
        const receipts = await this.#log.appendViews(caller, views);
        for (const [i, { outcome }] of receipts.entries()) {
          if (outcome === "logged") logged++;
          else if (outcome === "conflict") {
            taken.push({ index: places[i] as number, field: "view_id", reason: TAKEN });
          }
        }
      } finally {
        this.#gate.leave(views.length);
      }
    }
    const duplicates = views.length - logged - taken.length;
    if (rejected.length > 0) {
      taken = [...taken, ...rejected].toSorted((a, b) => a.index - b.index);
    }
    return { logged, duplicates, rejected: taken, position: this.#log.position };
  }
}
