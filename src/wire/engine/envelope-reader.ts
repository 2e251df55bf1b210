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
  #isHeld = false;

  /** How many messages were complete. */
  count = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a message has begun and is not complete. */
  get isPartial(): boolean {
    return this.#bytes > 0;
  }

  /** Whether there may be messages that nobody wanted yet. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /**
   * Takes a chunk of the body, and hands out what is complete. Messages that
   * nobody wants now stay what they are, because small ones take much more
   * memory each for itself than as bytes.
   *
   * @param take returns whether it wants more, now.
   * @returns resource_exhausted for a message that is too large, by its prefix.
   */
  push(chunk: Buffer, take: (envelope: Envelope) => boolean): ConnectError | undefined {
    this.#bytes += chunk.byteLength;
    if (this.#head.byteLength === 0) this.#head = chunk;
    else addChunk(this.#chunks, chunk);
    return this.#isHeld ? undefined : this.#cut(take);
  }

  /** Hands out what was held: as `push` does. */
  goOn(take: (envelope: Envelope) => boolean): ConnectError | undefined {
    this.#isHeld = false;
    return this.#cut(take);
  }

  #cut(take: (envelope: Envelope) => boolean): ConnectError | undefined {
    if (this.#bytes < this.#needed) return undefined;
    let rest = this.#joined();
    let offset = 0;
    while (!this.#isHeld && rest.byteLength - offset >= prefixBytes) {
      const length = rest.readUInt32BE(offset + 1);
      if (length > this.#maxBytes) return tooLarge(length, this.#maxBytes);
      const start = offset + prefixBytes;
      if (rest.byteLength - start < length) {
        this.#needed = prefixBytes + length;
        break;
      }
      this.count++;
      const payload = rest.subarray(start, start + length);
      this.#isHeld = !take({ flags: rest[offset] ?? 0, payload });
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
