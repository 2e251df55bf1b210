import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { stopSoon } from "../discard.ts";
import type { SessionGuard } from "../session-guard.ts";
import type { Exchange, ExchangeUser, HeaderList, Trailers } from "./exchange.ts";

/** Where a stream has its exchange, so that all streams can share their listeners. */
const exchangeKey = Symbol("exchange");
/** Where a session has the address of its client: to ask its socket takes a proxy each time. */
const addressKey = Symbol("address");

type Stream = ServerHttp2Stream & { [exchangeKey]?: Http2Exchange | undefined };
type Session = ServerHttp2Session & { [addressKey]?: string };

const withTrailers = { waitForTrailers: true };
const withoutBody = { endStream: true };

/** An exchange over a stream of HTTP/2. */
export class Http2Exchange implements Exchange {
  readonly httpVersion = "2.0";
  readonly isNext = true;
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly #stream: Stream;
  readonly #guard: SessionGuard | undefined;
  #user: ExchangeUser | undefined;
  #trailers: Trailers | undefined;
  #received = false;

  /** @param guard is told when the stream is closed. */
  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    guard: SessionGuard | undefined,
  ) {
    this.#guard = guard;
    this.method = headers[":method"] as string;
    this.target = headers[":path"] as string;
    this.headers = headers;
    this.#stream = stream;
  }

  get url(): string {
    const { headers } = this;
    return `${headers[":scheme"] as string}://${(headers[":authority"] as string | undefined) ?? headers.host}${this.target}`;
  }

  get remoteAddress(): string {
    const session = this.#stream.session as Session | undefined;
    if (session === undefined) return "";
    return (session[addressKey] ??= session.socket.remoteAddress ?? "");
  }

  open(user: ExchangeUser): void {
    const stream = this.#stream;
    this.#user = user;
    stream[exchangeKey] = this;
    stream.on("error", Http2Exchange.#onError);
    stream.on("close", Http2Exchange.#onClose);
  }

  read(): void {
    if (this.headers.expect === "100-continue" && this.#isOpen()) {
      this.#stream.additionalHeaders({ ":status": 100 });
    }
    this.#stream.on("end", Http2Exchange.#onEnd);
    this.#stream.on("data", Http2Exchange.#onData);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  newHeaders(status: number): HeaderList {
    return [":status", status];
  }

  answer(headers: HeaderList, body: Buffer | undefined, trailers: Trailers | undefined): void {
    if (!this.#isOpen()) return;
    if (body === undefined && trailers === undefined) {
      this.#stream.respond(headers as never, withoutBody);
      this.#discard();
      return;
    }
    this.head(headers, trailers !== undefined);
    this.end(body, trailers);
  }

  head(headers: HeaderList, hasTrailers: boolean): void {
    if (!this.#isOpen()) return;
    const options = hasTrailers ? withTrailers : undefined;
    this.#stream.respond(headers as never, options);
    if (hasTrailers) this.#stream.on("wantTrailers", Http2Exchange.#onWantTrailers);
    else this.#stream.once("finish", Http2Exchange.#onFinish);
  }

  write(chunk: Buffer): boolean {
    if (!this.#isOpen()) return true;
    if (this.#stream.write(chunk)) return true;
    this.#stream.once("drain", Http2Exchange.#onDrain);
    return false;
  }

  end(chunk: Buffer | undefined, trailers: Trailers | undefined): void {
    if (!this.#isOpen()) return;
    this.#trailers = trailers;
    if (chunk === undefined) this.#stream.end();
    else this.#stream.end(chunk);
  }

  cut(): void {
    this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  closeConnection(): void {}

  #isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed;
  }

  /** Tells a client that still sends that the rest is not wanted. */
  #discard(): void {
    if (!this.#received) stopSoon(this.#stream);
  }

  static readonly #onData = function (this: Stream, chunk: Buffer): void {
    exchangeOf(this).#user?.onData(chunk);
  };

  static readonly #onEnd = function (this: Stream): void {
    // Node.js ends the body of a stream that was reset as if it were whole.
    if (this.aborted || this.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    const exchange = exchangeOf(this);
    exchange.#received = true;
    exchange.#user?.onEnd();
  };

  static readonly #onDrain = function (this: Stream): void {
    exchangeOf(this).#user?.onDrain();
  };

  static readonly #onFinish = function (this: Stream): void {
    exchangeOf(this).#discard();
  };

  static readonly #onWantTrailers = function (this: Stream): void {
    const exchange = exchangeOf(this);
    if (!exchange.#isOpen()) return;
    try {
      this.sendTrailers((exchange.#trailers ?? {}) as OutgoingHttpHeaders);
    } catch {
      // What handlers may set is looked at before; but nothing may end the process.
      this.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
    exchange.#discard();
  };

  static readonly #onClose = function (this: Stream): void {
    // A stream may be closed before its last write is called back.
    const isAnswered = this.writableEnded && this.rstCode === constants.NGHTTP2_NO_ERROR;
    const exchange = exchangeOf(this);
    const user = exchange.#user;
    // Node.js may keep a stream for long after it is closed.
    this[exchangeKey] = undefined;
    exchange.#user = undefined;
    exchange.#guard?.streamClosed(this.rstCode);
    user?.onClose(isAnswered);
  };

  /** What broke is told by "close", which follows. */
  static readonly #onError = function (): void {};
}

function exchangeOf(stream: Stream): Http2Exchange {
  return stream[exchangeKey] as Http2Exchange;
}
