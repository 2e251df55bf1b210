import type { IncomingHttpHeaders } from "node:http";

/**
 * Names and values in turns; a name may come more than once. To be made by
 * `newHeaders`, for the exchange that takes it.
 */
export type HeaderList = (string | number)[];

/** Headers that come after the body. */
export type Trailers = Readonly<Record<string, string | string[]>>;

/** Takes what happens to an exchange. */
export interface ExchangeUser {
  onData(chunk: Buffer): void;
  /** The body of the request is complete. */
  onEnd(): void;
  /** What was written has left, after `write` said that it had not. */
  onDrain(): void;
  /**
   * The exchange is over, once.
   *
   * @param answered whether the whole response went out, as far as can be known here.
   */
  onClose(answered: boolean): void;
}

/**
 * A request and its response, as a call sees them: the same for HTTP/1.1 and
 * HTTP/2. What is done with one that is over already has no effect.
 */
export interface Exchange {
  readonly httpVersion: "1.1" | "2.0";
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** The URL, with the host that the client names. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The address at the other end of the connection. */
  readonly remoteAddress: string;
  /** Whether the response may be sent: over HTTP/1.1, those before it come first. */
  readonly isNext: boolean;
  /** Tells the user what happens from now on. To be called once. */
  open(user: ExchangeUser): void;
  /** Lets the body of the request come in. To be called once. */
  read(): void;
  pause(): void;
  resume(): void;
  /** A list of headers that begins with the status. */
  newHeaders(status: number): HeaderList;
  /** Sends a whole response: after it, only `onClose` is of interest. */
  answer(headers: HeaderList, body: Buffer | undefined, trailers: Trailers | undefined): void;
  /** Begins a response. `hasTrailers`: whether it will end with trailers. */
  head(headers: HeaderList, hasTrailers: boolean): void;
  /** Sends a part of the body. False if it has to wait: see `onDrain`. */
  write(chunk: Buffer): boolean;
  /** Ends a response that was begun. */
  end(chunk: Buffer | undefined, trailers: Trailers | undefined): void;
  /** Ends it as it is, because nothing that is written gets through. */
  cut(): void;
  /** Over HTTP/1.1, closes the connection when the response is complete. */
  closeConnection(): void;
}
