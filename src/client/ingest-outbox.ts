import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { IngestViewsRequestSchema } from "../../gen/analytics/v1/ingestion_pb.js";
import type { IngestBatch } from "./ingest-batches.ts";

/** How often a batch may arrive damaged before it is not sent any more. */
const MAX_RESENDS = 10;

/** What one stream sends. */
export interface Conversation {
  /** The batches as they may be sent; ends when all is done, or the conversation is over. */
  requests(): AsyncGenerator<MessageInitShape<typeof IngestViewsRequestSchema>>;
  /** For how many milliseconds the server has owed an answer; 0 if it owes none. */
  msSinceProgress(): number;
  /** Nothing more is sent. */
  end(): void;
}

/** Holds batches until they are answered, in the order of their sequences. */
export class Outbox {
  readonly #maxUnacknowledged: number;
  readonly #open = new Map<bigint, IngestBatch>();
  #toSend: IngestBatch[] = [];
  #sent = new Set<bigint>();
  readonly #resends = new Map<bigint, number>();
  #progressAt = 0;
  #wake: (() => void) | undefined;
  /** How many views are held. */
  views = 0;
  /** How many bytes are held. */
  bytes = 0;
  /** The sequence of the last batch; 0 without any. */
  last = 0n;

  constructor(maxUnacknowledged: number) {
    this.#maxUnacknowledged = maxUnacknowledged;
  }

  add(batch: IngestBatch): void {
    this.#open.set(batch.sequence, batch);
    this.#toSend.push(batch);
    this.views += batch.views;
    this.bytes += batch.bytes.length;
    this.last = batch.sequence;
    this.wake();
  }

  /** Whether there are batches that cannot be sent yet. */
  get isBehind(): boolean {
    return this.#toSend.length > 0;
  }

  /** Whether all batches up to this sequence are answered. */
  isAnswered(upTo: bigint): boolean {
    for (const oldest of this.#open.keys()) return oldest > upTo;
    return true;
  }

  /**
   * Lets go of a batch that was answered.
   *
   * @throws ConnectError if it was not sent.
   */
  acknowledge(sequence: bigint): IngestBatch {
    const batch = this.#answered(sequence);
    this.#open.delete(sequence);
    this.#resends.delete(sequence);
    this.views -= batch.views;
    this.bytes -= batch.bytes.length;
    return batch;
  }

  /**
   * A batch arrived damaged: it is sent again, before all others.
   *
   * @throws ConnectError if it was not sent, or arrives damaged again and again.
   */
  resend(sequence: bigint): void {
    const batch = this.#answered(sequence);
    const resends = (this.#resends.get(sequence) ?? 0) + 1;
    if (resends > MAX_RESENDS) {
      const message = `batch ${sequence} arrived damaged ${resends} times`;
      throw new ConnectError(message, Code.DataLoss);
    }
    this.#resends.set(sequence, resends);
    this.#toSend.unshift(batch);
  }

  #answered(sequence: bigint): IngestBatch {
    const batch = this.#open.get(sequence);
    if (batch === undefined || !this.#sent.delete(sequence)) {
      throw new ConnectError(`answer to batch ${sequence}, which was not sent`, Code.Internal);
    }
    this.#progressAt = performance.now();
    this.wake();
    return batch;
  }

  /**
   * A new stream: what was not answered is sent again, in its order.
   *
   * @param isDone whether nothing will come any more.
   */
  begin(isDone: () => boolean): Conversation {
    this.#toSend = [...this.#open.values()];
    this.#sent = new Set();
    const sent = this.#sent;
    let isOver = false;
    return {
      requests: () => this.#requests(() => isOver || isDone()),
      msSinceProgress: () => (sent.size === 0 ? 0 : performance.now() - this.#progressAt),
      end: () => {
        isOver = true;
        this.wake();
      },
    };
  }

  async *#requests(
    isOver: () => boolean,
  ): AsyncGenerator<MessageInitShape<typeof IngestViewsRequestSchema>> {
    while (!isOver()) {
      const batch = this.#sent.size < this.#maxUnacknowledged ? this.#toSend.shift() : undefined;
      if (batch === undefined) {
        await new Promise<void>((wake) => (this.#wake = wake));
        continue;
      }
      if (this.#sent.size === 0) this.#progressAt = performance.now();
      this.#sent.add(batch.sequence);
      yield { sequence: batch.sequence, batch: batch.bytes, crc32c: batch.crc32c };
    }
  }

  /** Lets the stream see what has changed. */
  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
