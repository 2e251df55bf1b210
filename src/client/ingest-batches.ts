import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { LogViewRequestSchema, ViewBatchSchema } from "../../gen/analytics/v1/ingestion_pb.js";
import { crc32c } from "../crc32c.ts";
import { newUuid } from "../uuid.ts";
import { binaryCodec } from "../wire/codec/binary-codec.ts";

/** A view as it is given to a client. */
export type IngestView = MessageInitShape<typeof LogViewRequestSchema>;

/** Views that are sent together, as often as it takes. */
export interface IngestBatch {
  readonly sequence: bigint;
  /** A serialized ViewBatch. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly crc32c: number;
  readonly views: number;
}

/** A view is no longer, in bytes: what the contract allows is well below. */
export const MAX_VIEW_BYTES = 65_536;

const codec = binaryCodec(ViewBatchSchema);

/** Puts views together to batches. */
export class BatchBuilder {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #sequence = 0n;

  /** How many views the next batch has so far. */
  get views(): number {
    return this.#parts.length;
  }

  /** How many bytes the next batch has so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The view as it is now, with an id if it has none, for `push`.
   *
   * @throws RangeError if it is longer than any view may be, Error if it cannot
   *   be encoded.
   */
  encode(view: IngestView): Uint8Array {
    const message = create(LogViewRequestSchema, view);
    // A copy, should it have been a message all along.
    const known = message.viewId === "" ? { ...message, viewId: newUuid() } : message;
    // Batches of one view, one after the other, are a batch of these views.
    const bytes = codec.encode(create(ViewBatchSchema, { views: [known] }), 0);
    if (bytes.length > MAX_VIEW_BYTES) {
      throw new RangeError(`the view has ${bytes.length} bytes, and may have ${MAX_VIEW_BYTES}`);
    }
    return bytes;
  }

  push(view: Uint8Array): void {
    this.#parts.push(view);
    this.#bytes += view.length;
  }

  /** The batch of the views taken since the last one; there has to be one. */
  seal(): IngestBatch {
    const bytes = new Uint8Array(this.#bytes);
    let offset = 0;
    for (const part of this.#parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    const views = this.#parts.length;
    this.#parts = [];
    this.#bytes = 0;
    return { sequence: ++this.#sequence, bytes, crc32c: crc32c(bytes), views };
  }
}

/** The same promise; to reject without anybody listening ends no process. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
