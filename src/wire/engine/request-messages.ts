import type { Message } from "@bufbuild/protobuf";
import { compressedFlag } from "./answers.ts";
import type { Compression } from "./compression.ts";
import type { Envelope } from "./envelope-reader.ts";
import { openLarge } from "./large-messages.ts";
import { largeBytes, undeclaredCompression } from "./messages.ts";

/** How messages are made of bytes, and how their sender is held back. */
export interface MessageSource {
  readonly compression: Compression | undefined;
  /** Largest message in bytes. */
  readonly maxBytes: number;
  /** @throws ConnectError */
  decode(bytes: Buffer): Message;
  pause(): void;
  resume(): void;
}

type Result = IteratorResult<Message, undefined>;
type Read = { resolve(result: Result): void; reject(reason: unknown): void };

/** With more than this waiting to be read, the sender is held back: bytes. */
const highWaterBytes = 65_536;

/** What a message that waits takes besides its payload, which may be empty: bytes. */
const overheadBytes = 128;

/** So many messages that were read may stay in the queue before it is cut. */
const maxBehind = 64;

const done: Result = { done: true, value: undefined };

/**
 * The messages of a request, as a handler reads them: decoded when it asks for
 * them. After one that cannot be read there is none that can.
 */
export class RequestMessages implements AsyncIterableIterator<Message, undefined> {
  readonly #source: MessageSource;
  #queue: Envelope[] = [];
  #head = 0;
  #queuedBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #failure: { readonly reason: unknown } | undefined;
  /** The read that waits for a message, or for its message to be decoded. */
  #reading: Read | undefined;
  #isDecoding = false;
  /** Reads that were asked for before that one was done. */
  readonly #later: Read[] = [];

  constructor(source: MessageSource) {
    this.#source = source;
  }

  push(envelope: Envelope): void {
    if (this.#failure !== undefined || this.#isEnded) return;
    this.#queue.push(envelope);
    this.#queuedBytes += envelope.payload.byteLength + overheadBytes;
    this.#serve();
    if (this.#queuedBytes <= highWaterBytes || this.#isPaused) return;
    this.#isPaused = true;
    this.#source.pause();
  }

  end(): void {
    this.#isEnded = true;
    this.#serve();
  }

  /** Whether the sender is held back. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Fails the read that waits, and all that come. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#drop();
    this.#serve();
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      const read = { resolve, reject };
      if (this.#reading !== undefined) {
        this.#later.push(read);
        return;
      }
      this.#reading = read;
      this.#serve();
    });
  }

  return(): Promise<Result> {
    this.#drop();
    this.end();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Serves the read that waits, if there is something for it. */
  #serve(): void {
    const read = this.#reading;
    if (read === undefined || this.#isDecoding) return;
    if (this.#failure !== undefined) {
      read.reject(this.#failure.reason);
      this.#nextRead();
      return;
    }
    const envelope = this.#shift();
    if (envelope !== undefined) this.#open(read, envelope);
    else if (this.#isEnded) {
      read.resolve(done);
      this.#nextRead();
    }
  }

  #nextRead(): void {
    this.#reading = this.#later.shift();
    this.#serve();
  }

  #open(read: Read, { flags, payload }: Envelope): void {
    const isCompressed = (flags & compressedFlag) !== 0;
    const { compression } = this.#source;
    if (isCompressed && compression === undefined) this.fail(undeclaredCompression());
    else if (isCompressed || payload.byteLength > largeBytes) {
      this.#isDecoding = true;
      void this.#openLarge(read, payload, isCompressed ? compression : undefined);
    } else this.#decode(read, payload);
  }

  async #openLarge(
    read: Read,
    payload: Buffer,
    compression: Compression | undefined,
  ): Promise<void> {
    let failure: { readonly reason: unknown } | undefined;
    try {
      await openLarge({
        payload,
        compression,
        maxBytes: this.#source.maxBytes,
        isWanted: () => this.#failure === undefined,
        take: (bytes) => this.#decode(read, bytes),
      });
    } catch (reason) {
      failure = { reason };
    }
    this.#isDecoding = false;
    if (failure !== undefined) this.fail(failure.reason);
    else this.#serve();
  }

  #decode(read: Read, bytes: Buffer): void {
    let message: Message;
    try {
      message = this.#source.decode(bytes);
    } catch (error) {
      this.fail(error);
      return;
    }
    read.resolve({ done: false, value: message });
    this.#nextRead();
  }

  #shift(): Envelope | undefined {
    const envelope = this.#queue[this.#head];
    if (envelope === undefined) return undefined;
    this.#head++;
    this.#queuedBytes -= envelope.payload.byteLength + overheadBytes;
    const { length } = this.#queue;
    // A sender that is always ahead never lets it run empty.
    if (this.#head === length || (this.#head > maxBehind && this.#head > length / 2)) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (this.#queuedBytes <= highWaterBytes / 2) this.#resume();
    return envelope;
  }

  #drop(): void {
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    this.#resume();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source.resume();
  }
}
