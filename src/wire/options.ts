import type { DescMessage, DescMethod, Message, MessageShape } from "@bufbuild/protobuf";
import type {
  ConnectError,
  ConnectRouter,
  ContextKey,
  HandlerContext,
  Interceptor,
} from "@connectrpc/connect";
import type { FastifyBaseLogger } from "fastify";
import type { CallLog } from "./access-log.ts";
import type { FieldViolation, PublicError } from "./errors.ts";
import type { TlsOptions } from "./pem.ts";

/** What calls are checked against, and how their failures are told. */
export interface CallOptions {
  /**
   * Finds out who is calling, from the headers: before the body is read. Leaves
   * what it found in the context's values. What it throws ends the call.
   */
  readonly authenticate: (context: HandlerContext) => void | Promise<void>;
  /**
   * The public form of an error that the application knows; undefined for any
   * other. A ConnectError goes out as it is. Of the others, those of codes that
   * say no more than that something failed here, and all that are no
   * ConnectError, are logged with their cause and answered as "internal".
   */
  readonly describeError: (error: unknown) => PublicError | ConnectError | undefined;
  /** All that is wrong with a request message; empty if nothing is. */
  readonly violations: (
    schema: DescMessage,
    request: MessageShape<DescMessage>,
  ) => readonly FieldViolation[];
  /** Where the request id goes, for handlers to find it. */
  readonly requestIdKey: ContextKey<string>;
  /** Gets a line for every call (info), and the causes of internal errors (error). */
  readonly logger: FastifyBaseLogger;
  /** Largest request message in bytes, compressed or not. */
  readonly maxMessageBytes: number;
  /** Deadline in milliseconds of a unary call whose client sets none. */
  readonly deadlineMs: number;
  /** Whether JSON requests may have fields that the contract does not. */
  readonly allowUnknownFields: boolean;
  /** The `domain` of google.rpc.ErrorInfo in errors. Default: "marquee". */
  readonly errorDomain?: string;
  /**
   * Interceptors around every handler, outermost first. They see requests that
   * are authenticated and keep their contract, and what handlers answer or
   * throw. Default: none.
   */
  readonly interceptors?: readonly Interceptor[];
}

/**
 * A way to serve a unary method from the bytes of a request, uncompressed and in
 * the binary encoding: past the codec, `violations` and the handler, so that it
 * has to do what they do.
 */
export interface Shortcut {
  readonly method: DescMethod;
  /** Returns the whole answer, or undefined for a request that is left to the handler. */
  readonly serve: (bytes: Buffer, context: HandlerContext) => Promise<Message> | undefined;
}

/** All that a wire server needs to know. */
export interface WireOptions extends CallOptions {
  /** Takes every call once it is over, instead of a line of `logger`. */
  readonly logCall?: CallLog | undefined;
  /** Registers the services. */
  readonly routes: (router: ConnectRouter) => void;
  /**
   * The unary methods that pages may call with a beacon: a body of JSON that
   * says it is text/plain, for which browsers ask nobody. Default: none.
   */
  readonly beacons?: readonly DescMethod[];
  /** Faster ways to serve some unary methods. Default: none. */
  readonly shortcuts?: readonly Shortcut[];
  /**
   * Whose pages may call: origins such as https://example.org, "localhost" for
   * all of this machine, "*" for all. Default: none.
   */
  readonly origins?: readonly string[];
  /**
   * Addresses and CIDR ranges of proxies that are believed when they say, in
   * x-forwarded-for, who is calling. Default: none.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * How late the event loop may be, in milliseconds, before calls are answered
   * with unavailable and RetryInfo instead of being served; 0 serves them all.
   * Those of the health service are always served. Default: 0.
   */
  readonly maxLagMs?: number;
  /**
   * With what TLS is spoken, and nothing else: HTTP/2 and HTTP/1.1, whichever
   * the client names. Default: cleartext.
   */
  readonly tls?: TlsOptions | undefined;
  /** Whether the application wants traffic, for /readyz. */
  readonly isReady: () => boolean;
  /**
   * Called once, when the server is to stop, before its ports close: to end
   * streams that would go on forever. What it returns is waited for, half a
   * second at most.
   */
  readonly onDrain?: () => void | Promise<void>;
}
