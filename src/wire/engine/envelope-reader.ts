import { Code, type ConnectError } from "@connectrpc/connect";
import { prefixBytes } from "./answers.ts";
import { addChunk } from "./chunks.ts";
import { protocolError, tooLarge } from "./messages.ts";

/** A message of a stream as it came. */
export interface Envelope {
  readonly flags: number;
  readonly payload: Buffer;
}

const noBytes = Buffer.alloc(0);

/**
 * Cuts the body of a stream into its messages. What a length prefix promises is
 * not reserved: memory is only taken by bytes that came.
 */
export class EnvelopeReader {
  readonly #maxBytes: number;
  #head: Buffer = noBytes;
  /** What came of a message that is not complete, beside its beginning in `#head`. */
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** With how many bytes there is something to do. */
  #needed = prefixBytes;

  /** How many messages were complete. */
  count = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a message has begun and is not complete. */
  get isPartial(): boolean {
    return this.#bytes > 0;
  }

  /**
   * Takes a chunk of the body, and hands out what is complete.
   *
   * @returns resource_exhausted for a message that is too large, by its prefix.
   */
  push(chunk: Buffer, take: (envelope: Envelope) => void): ConnectError | undefined {
    this.#bytes += chunk.byteLength;
    if (this.#head.byteLength === 0) this.#head = chunk;
    else addChunk(this.#chunks, chunk);
    if (this.#bytes < this.#needed) return undefined;
    let rest = this.#joined();
    let offset = 0;
    while (rest.byteLength - offset >= prefixBytes) {
      const length = rest.readUInt32BE(offset + 1);
      if (length > this.#maxBytes) return tooLarge(length, this.#maxBytes);
      const start = offset + prefixBytes;
      if (rest.byteLength - start < length) {
        this.#needed = prefixBytes + length;
        break;
      }
      this.count++;
      take({ flags: rest[offset] ?? 0, payload: rest.subarray(start, start + length) });
      offset = start + length;
      this.#needed = prefixBytes;
    }
    rest = rest.subarray(offset);
    this.#head = rest;
    this.#bytes = rest.byteLength;
    return undefined;
  }

  /** To be called when the body ended. Returns what is wrong with that, if anything. */
  end(): ConnectError | undefined {
    return this.isPartial
      ? protocolError("incomplete envelope: the last message was cut off", Code.InvalidArgument)
      : undefined;
  }

  #joined(): Buffer {
    if (this.#chunks.length > 0) {
      this.#head = Buffer.concat([this.#head, ...this.#chunks], this.#bytes);
      this.#chunks = [];
    }
    return this.#head;
  }
}
