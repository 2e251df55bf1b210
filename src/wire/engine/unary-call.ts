import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { isGrpc } from "../protocol.ts";
import {
  addHeaders,
  compressedFlag,
  ending,
  envelope,
  prefixBytes,
  seal,
  unaryError,
  webTrailerFlag,
} from "./answers.ts";
import { Call } from "./call.ts";
import { addChunk } from "./chunks.ts";
import { compressMinBytes } from "./compression.ts";
import { openLarge } from "./large-messages.ts";
import {
  decodePayload,
  largeBytes,
  protocolError,
  tooLarge,
  undeclaredCompression,
} from "./messages.ts";

const noBytes = Buffer.alloc(0);

/** Of the trailers of a gRPC-Web request, of which nobody reads any: bytes. */
const maxTrailerBytes = 16_384;

/** A call of a unary method, over any protocol. */
export class UnaryCall extends Call {
  #first: Buffer = noBytes;
  #more: Buffer[] | undefined;
  /** Once it is known: how long the body has to be. */
  #expected = Infinity;
  #isReceived = false;

  onData(chunk: Buffer): void {
    this.bytesIn += chunk.byteLength;
    // What comes after the end is only counted.
    if (this.isOver) return;
    if (this.#first.byteLength === 0) this.#first = chunk;
    else addChunk((this.#more ??= []), chunk);
    if (this.kind.enveloped) {
      if (this.#expected === Infinity && this.bytesIn >= prefixBytes) {
        const length = this.#body().readUInt32BE(1);
        if (length > this.rpc.maxBytes) return this.fail(tooLarge(length, this.rpc.maxBytes));
        this.#expected = prefixBytes + length;
      }
      if (this.bytesIn > this.#expected && !this.#isTrailing()) {
        this.fail(protocolError("extra message: a unary method takes one"));
      }
    } else if (this.bytesIn > this.rpc.maxBytes) {
      this.fail(tooLarge(undefined, this.rpc.maxBytes));
    }
  }

  onEnd(): void {
    this.#isReceived = true;
    // All calls that come together begin before the first of them is worked on.
    if (!this.isOver && !this.comesTooLate(performance.now())) this.#read();
  }

  override check(now: number): void {
    super.check(now);
    // Clients may set deadlines as far away as they like.
    if (this.isOver || this.#isReceived) return;
    if (now - this.startedAt > this.engine.limits.messageMs) this.failSlow();
  }

  onDrain(): void {}

  protected tell(error: ConnectError): void {
    this.#first = noBytes;
    this.#more = undefined;
    const { answerType, enveloped } = this.kind;
    if (!enveloped) {
      const list = this.headers(codeToHttpStatus(error.code), "application/json");
      addHeaders(list, this.context.responseTrailer, "trailer-");
      const body = unaryError(error, list);
      this.bytesOut = body.byteLength;
      this.exchange.answer(list, body, undefined);
      return;
    }
    const list = this.headers(200, answerType);
    const { tail, trailers } = ending(this.kind, error, this.context.responseTrailer);
    this.bytesOut = tail?.byteLength ?? 0;
    if (this.endWithHeaders(list, trailers)) return;
    this.exchange.answer(list, tail, trailers);
  }

  /** Whether what comes after the message is what a gRPC-Web client may end its request with. */
  #isTrailing(): boolean {
    if (this.kind.protocol !== "grpc-web") return false;
    if (this.bytesIn > this.#expected + maxTrailerBytes) return false;
    return ((this.#body()[this.#expected] ?? 0) & webTrailerFlag) !== 0;
  }

  /** The body so far, in one piece. */
  #body(): Buffer {
    if (this.#more !== undefined) {
      this.#first = Buffer.concat([this.#first, ...this.#more]);
      this.#more = undefined;
    }
    return this.#first;
  }

  #read(): void {
    let payload: Buffer;
    let isCompressed: boolean;
    try {
      if (this.kind.protocol === "connect-get") {
        payload = this.#query();
        isCompressed = true;
      } else if (this.kind.enveloped) {
        payload = this.#opened();
        isCompressed = ((this.#first[0] ?? 0) & compressedFlag) !== 0;
      } else {
        payload = this.#body();
        isCompressed = true;
      }
    } catch (error) {
      return this.fail(error as ConnectError);
    }
    this.#first = noBytes;
    const compression = isCompressed ? this.compression?.request : undefined;
    if (isCompressed && this.kind.enveloped && compression === undefined) {
      return this.fail(undeclaredCompression());
    }
    if (compression === undefined && payload.byteLength <= largeBytes) this.#decode(payload);
    else void this.#decodeLarge(payload, compression);
  }

  async #decodeLarge(
    payload: Buffer,
    compression: NonNullable<Call["compression"]>["request"],
  ): Promise<void> {
    try {
      await openLarge({
        payload,
        compression,
        maxBytes: this.rpc.maxBytes,
        isWanted: () => !this.isOver,
        take: (bytes) => this.#decode(bytes),
      });
    } catch (error) {
      this.fail(error as ConnectError);
    }
  }

  #decode(bytes: Buffer): void {
    if (!this.kind.json && this.rpc.invokeShort(bytes, this.context, this)) return;
    let message: Message;
    try {
      message = decodePayload(this.engine, this.rpc, this.kind.json, bytes);
    } catch (error) {
      return this.failWith(error);
    }
    this.rpc.invoke(message, this.context, this);
  }

  /** Answers with what the handler gave. */
  succeed(output: Message): void {
    if (this.isOver) return;
    const { enveloped, json } = this.kind;
    let body: Buffer;
    try {
      body = this.rpc.codecs(json).output.encode(output, enveloped ? prefixBytes : 0);
    } catch (error) {
      return this.failWith(error);
    }
    const compression = this.compression?.response;
    if (compression !== undefined && body.byteLength >= compressMinBytes) {
      compression
        .compress(enveloped ? body.subarray(prefixBytes) : body)
        .then((bytes) => this.#answer(enveloped ? envelope(compressedFlag, bytes) : bytes, true))
        .catch((error: unknown) => this.failWith(error));
      return;
    }
    this.#answer(enveloped ? seal(body, 0) : body, false);
  }

  #answer(body: Buffer, isCompressed: boolean): void {
    if (this.isOver) return;
    this.over(undefined);
    try {
      this.#send(body, isCompressed);
    } catch (cause) {
      this.failToTell(cause);
    }
    this.answered();
    this.release();
  }

  #send(body: Buffer, isCompressed: boolean): void {
    const { protocol, answerType, enveloped, encodingHeader } = this.kind;
    const list = this.headers(200, answerType);
    const compression = this.compression?.response;
    if (compression !== undefined && (isCompressed || enveloped)) {
      list.push(encodingHeader, compression.name);
    }
    if (!isGrpc(protocol)) {
      addHeaders(list, this.context.responseTrailer, "trailer-");
      this.bytesOut = body.byteLength;
      this.exchange.answer(list, body, undefined);
      return;
    }
    const { tail, trailers } = ending(this.kind, undefined, this.context.responseTrailer);
    const whole = tail === undefined ? body : Buffer.concat([body, tail]);
    this.bytesOut = whole.byteLength;
    this.exchange.answer(list, whole, trailers);
  }

  /** The message in its envelope. */
  #opened(): Buffer {
    const body = this.#body();
    if (body.byteLength === 0) throw protocolError("missing message: a unary method takes one");
    if (body.byteLength < this.#expected) {
      const promised =
        this.#expected === Infinity ? "its prefix" : `the ${this.#expected - prefixBytes} promised`;
      throw new ConnectError(
        `the message was cut off: its body has ${body.byteLength} bytes and lacks ${promised}`,
        Code.InvalidArgument,
      );
    }
    return body.subarray(prefixBytes, this.#expected);
  }

  /** The message in the parameters of a GET. */
  #query(): Buffer {
    const { query } = this;
    const message = query.get("message") ?? "";
    const isBase64 = query.get("base64") === "1";
    if (isBase64 && !/^[\w+/-]*={0,2}$/.test(message)) {
      throw new ConnectError("the parameter message is not in base64", Code.InvalidArgument);
    }
    if (!isUtf8(this.exchange.target)) {
      throw new ConnectError("the parameters are not in UTF-8", Code.InvalidArgument);
    }
    const payload = Buffer.from(message, isBase64 ? "base64" : "utf8");
    if (payload.byteLength > this.rpc.maxBytes) {
      throw tooLarge(payload.byteLength, this.rpc.maxBytes);
    }
    return payload;
  }

  protected override encodingOf(header: string | undefined): string | undefined {
    if (this.kind.protocol !== "connect-get") return header;
    return this.query.get("compression") ?? undefined;
  }

  /** The parameters of the request. */
  private get query(): URLSearchParams {
    const { target } = this.exchange;
    const start = target.indexOf("?");
    return new URLSearchParams(start < 0 ? "" : target.slice(start + 1));
  }
}

/** Whether what is percent-encoded in it is UTF-8. */
function isUtf8(target: string): boolean {
  if (!target.includes("%")) return true;
  try {
    // A percent sign that encodes nothing stands for itself.
    decodeURIComponent(target.replaceAll(/%(?![0-9a-f]{2})/gi, "%25"));
    return true;
  } catch {
    return false;
  }
}
