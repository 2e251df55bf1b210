import type { Message } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { compressedFlag, ending, envelope, prefixBytes, seal, webTrailerFlag } from "./answers.ts";
import { Call } from "./call.ts";
import { compressMinBytes } from "./compression.ts";
import { EnvelopeReader, type Envelope } from "./envelope-reader.ts";
import { decodePayload, protocolError } from "./messages.ts";
import { RequestMessages } from "./request-messages.ts";
import { Standstill } from "./standstill.ts";

/** So much is gathered before it is written: a write costs as much as 50 small messages. Bytes. */
const flushBytes = 16_384;

/** A call of a method that streams, over any protocol. */
export class StreamCall extends Call {
  readonly #reader = new EnvelopeReader(this.rpc.maxBytes);
  #messages: RequestMessages | undefined;
  #outputs: AsyncIterator<unknown> | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #hasHead = false;
  #isFlushing = false;
  #isBlocked = false;
  /** The handler's next message is asked for when there is room for it. */
  #waitsForRoom = false;
  #isReceived = false;
  readonly #sending = new Standstill();
  readonly #reading = new Standstill();

  onData(chunk: Buffer): void {
    this.bytesIn += chunk.byteLength;
    if (this.isOver) return;
    const failure = this.#reader.push(chunk, this.#take);
    // What cannot be told where the next message begins cannot be read on.
    if (failure !== undefined) this.fail(failure);
  }

  onEnd(): void {
    this.#isReceived = true;
    if (!this.#reader.isHeld) this.#finish();
  }

  #finish(): void {
    const failure = this.#reader.end();
    if (failure === undefined) this.#input().end();
    else this.#input().fail(failure);
  }

  /** Goes on with a request whose handler has read what it had. */
  static readonly #goOn = (call: StreamCall): void => {
    if (call.isOver) return call.exchange.resume();
    const failure = call.#reader.goOn(call.#take);
    if (failure !== undefined) call.fail(failure);
    else if (call.#reader.isHeld) return;
    else if (call.#isReceived) call.#finish();
    call.exchange.resume();
  };

  onDrain(): void {
    this.#isBlocked = false;
    if (!this.#waitsForRoom || this.isOver) return;
    this.#waitsForRoom = false;
    this.#pull();
  }

  override check(now: number): void {
    super.check(now);
    if (this.isOver) return;
    const { messageMs, unreadMs } = this.engine.limits;
    if (this.#sending.ms(this.#owes() ? this.#reader.count : undefined, now) > messageMs) {
      this.failSlow();
    } else if (this.#reading.ms(this.#isBlocked ? this.bytesOut : undefined, now) > unreadMs) {
      this.cut();
    }
  }

  /** Whether the client has to send something: the rest of a message, or of a request with one. */
  #owes(): boolean {
    if (this.#isReceived || this.#reader.isHeld) return false;
    return this.rpc.takesOne || this.#reader.isPartial;
  }

  protected override begin(): void {
    super.begin();
    void this.#run();
  }

  protected tell(reason: ConnectError): void {
    this.#input().fail(reason);
    // Whatever the handler waits for, it may clean up now.
    void letGo(this.#outputs);
    this.#outputs = undefined;
    this.#end(reason);
  }

  readonly #take = ({ flags, payload }: Envelope): boolean => {
    // Clients of gRPC-Web and Connect may say in an envelope that this is all.
    const { protocol } = this.kind;
    const endFlag =
      protocol === "grpc-web" ? webTrailerFlag : protocol === "connect" ? endStreamFlag : 0;
    if ((flags & endFlag) !== 0) return true;
    this.#input().push({ flags, payload });
    return !this.#input().isPaused;
  };

  async #run(): Promise<void> {
    try {
      const { rpc } = this;
      const input = rpc.takesOne ? await this.#single() : this.#input();
      if (this.isOver) return;
      const outputs = rpc.stream(input, this.context);
      const iterable = outputs instanceof Promise ? await outputs : outputs;
      this.#outputs = iterable[Symbol.asyncIterator]();
      if (this.isOver) void letGo(this.#outputs);
      else this.#pull();
    } catch (error) {
      this.failWith(error);
    }
  }

  /** The one message of a request that must have one. */
  async #single(): Promise<Message> {
    const first = await this.#input().next();
    if (first.done === true) throw protocolError("missing message: this method takes one");
    const second = await this.#input().next();
    if (second.done !== true) throw protocolError("extra message: this method takes one");
    return first.value;
  }

  #input(): RequestMessages {
    return (this.#messages ??= new RequestMessages({
      compression: this.compression?.request,
      maxBytes: this.rpc.maxBytes,
      decode: (bytes) => decodePayload(this.engine, this.rpc, this.kind.json, bytes),
      pause: () => this.exchange.pause(),
      // Not at once: it may be in the middle of handing out a message.
      resume: () => process.nextTick(StreamCall.#goOn, this),
    }));
  }

  #pull(): void {
    try {
      (this.#outputs as AsyncIterator<unknown>).next().then(this.#onOutput, this.#onFailure);
    } catch (error) {
      this.failWith(error);
    }
  }

  readonly #onFailure = (error: unknown): void => this.failWith(error);

  readonly #onOutput = (result: IteratorResult<unknown>): void => {
    if (this.isOver) return;
    try {
      if (result.done === true) return this.#succeed();
      const message = this.rpc.complete(result.value as Message);
      this.#send(this.rpc.codecs(this.kind.json).output.encode(message, prefixBytes));
    } catch (error) {
      this.failWith(error);
    }
  };

  #succeed(): void {
    this.over(undefined);
    try {
      this.#end(undefined);
    } catch (cause) {
      this.failToTell(cause);
    }
  }

  #send(bytes: Buffer): void {
    const compression = this.compression?.response;
    if (compression === undefined || bytes.byteLength < compressMinBytes) {
      this.#push(seal(bytes, 0));
      return;
    }
    compression
      .compress(bytes.subarray(prefixBytes))
      .then((compressed) => this.isOver || this.#push(envelope(compressedFlag, compressed)))
      .catch(this.#onFailure);
  }

  /**
   * Messages that a handler has at once leave in one write: when it has no
   * more for now, or when there are enough of them.
   */
  #push(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes >= flushBytes) this.#flush();
    else if (!this.#isFlushing) {
      this.#isFlushing = true;
      process.nextTick(StreamCall.#flushLater, this);
    }
    if (this.#isBlocked) this.#waitsForRoom = true;
    else this.#pull();
  }

  #flush(): void {
    if (this.#pendingBytes === 0 || this.isOver) return;
    this.#begin();
    if (!this.exchange.write(this.#takePending())) this.#isBlocked = true;
  }

  static readonly #flushLater = (call: StreamCall): void => {
    call.#isFlushing = false;
    try {
      call.#flush();
    } catch (error) {
      call.failWith(error);
    }
  };

  #takePending(): Buffer {
    const [only] = this.#pending;
    const bytes =
      this.#pending.length === 1 && only !== undefined
        ? only
        : Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.bytesOut += bytes.byteLength;
    return bytes;
  }

  /** Sends the headers, which handlers may change until their first message. */
  #begin(): void {
    if (this.#hasHead) return;
    this.exchange.head(this.#headers(), this.kind.protocol === "grpc");
    this.#hasHead = true;
  }

  #headers(): ReturnType<Call["headers"]> {
    const list = this.headers(200, this.kind.answerType);
    const compression = this.compression?.response;
    if (compression !== undefined) list.push(this.kind.encodingHeader, compression.name);
    return list;
  }

  #end(error: ConnectError | undefined): void {
    const { tail, trailers } = ending(this.kind, error, this.context.responseTrailer);
    const isEmpty = !this.#hasHead && this.#pendingBytes === 0;
    if (isEmpty && this.endWithHeaders(this.#headers(), trailers)) return;
    if (tail !== undefined) {
      this.#pending.push(tail);
      this.#pendingBytes += tail.byteLength;
    }
    this.#begin();
    this.exchange.end(this.#pendingBytes > 0 ? this.#takePending() : undefined, trailers);
  }
}

/** Lets an iterator clean up. Those written by hand may throw, and return anything. */
async function letGo(outputs: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await outputs?.return?.();
  } catch {
    // Nobody waits for it any more.
  }
}
