import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import { discardBody } from "../discard.ts";
import { originForm } from "../request-target.ts";
import type { Exchange, ExchangeUser, HeaderList, Trailers } from "./exchange.ts";

/** Where a request or response has its exchange, so that all can share their listeners. */
const exchangeKey = Symbol("exchange");

/** Up to here, to copy a body costs less than a write of its own: bytes. */
const oneWriteBytes = 4_096;

type Request = IncomingMessage & { [exchangeKey]?: Http1Exchange };
type Response = ServerResponse & { [exchangeKey]?: Http1Exchange };

/** An exchange over HTTP/1.1. */
export class Http1Exchange implements Exchange {
  readonly httpVersion = "1.1";
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly #request: Request;
  readonly #response: Response;
  #user: ExchangeUser | undefined;
  #received = false;
  #isLast = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.method = request.method as string;
    this.target = originForm(request.url as string);
    this.headers = request.headers;
    this.#request = request;
    this.#response = response;
  }

  get url(): string {
    const scheme = "encrypted" in this.#request.socket ? "https" : "http";
    return `${scheme}://${this.headers.host ?? ""}${this.target}`;
  }

  get remoteAddress(): string {
    return this.#request.socket.remoteAddress ?? "";
  }

  get isNext(): boolean {
    return this.#response.socket !== null;
  }

  open(user: ExchangeUser): void {
    this.#user = user;
    const request = this.#request;
    const response = this.#response;
    request[exchangeKey] = this;
    response[exchangeKey] = this;
    request.on("error", Http1Exchange.#onError);
    response.on("error", Http1Exchange.#onError);
    response.on("close", Http1Exchange.#onClose);
  }

  read(): void {
    this.#request.on("end", Http1Exchange.#onEnd);
    this.#request.on("data", Http1Exchange.#onData);
  }

  pause(): void {
    this.#request.pause();
  }

  resume(): void {
    this.#request.resume();
  }

  newHeaders(status: number): HeaderList {
    this.#response.statusCode = status;
    return [];
  }

  answer(headers: HeaderList, body: Buffer | undefined, trailers: Trailers | undefined): void {
    if (this.#response.destroyed) return;
    if (trailers === undefined) headers.push("content-length", body?.byteLength ?? 0);
    this.head(headers, trailers !== undefined);
    this.end(body, trailers);
  }

  head(headers: HeaderList, _hasTrailers: boolean): void {
    if (this.#response.destroyed) return;
    if (this.#isLast) headers.push("connection", "close");
    this.#response.writeHead(this.#response.statusCode, headers as (string | string[])[]);
  }

  write(chunk: Buffer): boolean {
    if (this.#response.destroyed) return true;
    if (this.#response.write(chunk)) return true;
    this.#response.once("drain", Http1Exchange.#onDrain);
    return false;
  }

  end(chunk: Buffer | undefined, trailers: Trailers | undefined): void {
    if (this.#response.destroyed) return;
    if (trailers !== undefined) this.#response.addTrailers(trailers as OutgoingHttpHeaders);
    if (chunk === undefined) this.#response.end();
    // A string leaves with the headers, in one write.
    else if (chunk.byteLength <= oneWriteBytes)
      this.#response.end(chunk.toString("latin1"), "latin1");
    else this.#response.end(chunk);
  }

  cut(): void {
    this.#request.socket.destroy();
  }

  closeConnection(): void {
    this.#isLast = true;
    if (this.#response.headersSent) this.#response.shouldKeepAlive = false;
  }

  static readonly #onData = function (this: Request, chunk: Buffer): void {
    exchangeOf(this).#user?.onData(chunk);
  };

  static readonly #onEnd = function (this: Request): void {
    const exchange = exchangeOf(this);
    exchange.#received = true;
    exchange.#user?.onEnd();
  };

  static readonly #onDrain = function (this: Response): void {
    exchangeOf(this).#user?.onDrain();
  };

  static readonly #onClose = function (this: Response): void {
    const exchange = exchangeOf(this);
    if (!exchange.#received) discardBody(exchange.#request);
    exchange.#user?.onClose(this.writableFinished);
  };

  /** What broke is told by "close", which follows. */
  static readonly #onError = function (): void {};
}

function exchangeOf(side: Request | Response): Http1Exchange {
  return side[exchangeKey] as Http1Exchange;
}
