import { toBinary } from "@bufbuild/protobuf";
import { ItemSchema } from "../contract.ts";
import { envelope } from "../envelope.ts";
import { item, listed, listRequest } from "../samples.ts";
import type { Http2Connection, StreamListener } from "./http2-connection.ts";

/** What happens on one connection until all its calls are made. */
export interface Traffic extends StreamListener {
  /** Resolves when all is done; rejects as soon as a stream does not do as it should. */
  start(connection: Http2Connection): Promise<void>;
}

const listMessage = envelope(toBinary(ItemSchema, listRequest));
/** Of all messages of one List, with their lengths. */
const listBytes = listed.reduce((sum, one) => sum + envelope(toBinary(ItemSchema, one)).length, 0);
const chatMessage = envelope(toBinary(ItemSchema, item(7)));
const nothing = new Uint8Array(0);

/** Calls List so often that each element of `micros` gets how long one took. */
export class List implements Traffic {
  readonly #streams: number;
  readonly #micros: Float64Array;
  readonly #running = new Map<number, { bytes: number; readonly start: number }>();
  readonly #done = Promise.withResolvers<void>();
  #connection: Http2Connection | undefined;
  #begun = 0;
  #ended = 0;

  constructor(streams: number, micros: Float64Array) {
    this.#streams = streams;
    this.#micros = micros;
  }

  start(connection: Http2Connection): Promise<void> {
    this.#connection = connection;
    if (this.#micros.length === 0) this.#done.resolve();
    for (let n = 0; n < this.#streams; n++) this.#begin();
    return this.#done.promise;
  }

  onData(stream: number, bytes: number): void {
    const call = this.#running.get(stream);
    if (call === undefined) throw new Error(`stream ${stream} goes on after its end`);
    call.bytes += bytes;
  }

  onEnd(stream: number): void {
    const call = this.#running.get(stream);
    if (call?.bytes !== listBytes) {
      throw new Error(`a stream ended with ${call?.bytes} bytes instead of ${listBytes}`);
    }
    this.#running.delete(stream);
    this.#micros[this.#ended++] = (performance.now() - call.start) * 1_000;
    if (this.#ended === this.#micros.length) this.#done.resolve();
    else this.#begin();
  }

  onFailure(error: Error): void {
    this.#done.reject(error);
  }

  #begin(): void {
    if (this.#begun === this.#micros.length) return;
    this.#begun++;
    const stream = this.#connection?.open("/bench.Streams/List", listMessage, true);
    if (stream !== undefined) this.#running.set(stream, { bytes: 0, start: performance.now() });
  }
}

/** Chats on some streams until each element of `micros` has how long one round trip took. */
export class Chat implements Traffic {
  readonly #streams: number;
  readonly #micros: Float64Array;
  /** By number of the stream; each has one message on its way. */
  readonly #running = new Map<number, { bytes: number; start: number; ending: boolean }>();
  readonly #done = Promise.withResolvers<void>();
  #connection: Http2Connection | undefined;
  #begun = 0;
  #ended = 0;

  constructor(streams: number, micros: Float64Array) {
    this.#streams = streams;
    this.#micros = micros;
  }

  start(connection: Http2Connection): Promise<void> {
    this.#connection = connection;
    const streams = Math.min(this.#streams, this.#micros.length);
    if (streams === 0) this.#done.resolve();
    for (let n = 0; n < streams; n++) {
      this.#begun++;
      const stream = connection.open("/bench.Streams/Chat", chatMessage, false);
      this.#running.set(stream, { bytes: 0, start: performance.now(), ending: false });
    }
    return this.#done.promise;
  }

  onData(stream: number, bytes: number): void {
    const chat = this.#running.get(stream);
    if (chat === undefined || chat.ending) throw new Error("more came back than was sent");
    chat.bytes += bytes;
    if (chat.bytes < chatMessage.length) return;
    if (chat.bytes > chatMessage.length) throw new Error("more came back than was sent");
    const now = performance.now();
    this.#micros[this.#ended++] = (now - chat.start) * 1_000;
    if (this.#begun === this.#micros.length) {
      chat.ending = true;
      this.#connection?.send(stream, nothing, true);
      return;
    }
    this.#begun++;
    chat.bytes = 0;
    chat.start = now;
    this.#connection?.send(stream, chatMessage, false);
  }

  onEnd(stream: number): void {
    if (this.#running.get(stream)?.ending !== true) {
      throw new Error("the server ended a stream that was in use");
    }
    this.#running.delete(stream);
    if (this.#running.size === 0) this.#done.resolve();
  }

  onFailure(error: Error): void {
    this.#done.reject(error);
  }
}
