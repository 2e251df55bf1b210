import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { cors, type ConnectError, type HandlerContext } from "@connectrpc/connect";
import proxyAddress from "@fastify/proxy-addr";
import type { CallLog } from "../access-log.ts";
import { publicConnectError } from "../errors.ts";
import { createFailures, defaultErrorDomain, type Failures } from "../failures.ts";
import type { ConnectionLimits } from "../limits.ts";
import type { WireOptions } from "../options.ts";
import { requestIdFrom, requestIdHeader } from "../request-id.ts";
import type { RunningCalls } from "../running-calls.ts";
import type { SessionGuard } from "../session-guard.ts";
import type { Call } from "./call.ts";
import { connectJson, kindOfGet, kindOfPost, type ContentKind } from "./content-kind.ts";
import { DeadlineList } from "./deadline.ts";
import type { Exchange, HeaderList } from "./exchange.ts";
import { Http1Exchange } from "./http1-exchange.ts";
import { Http2Exchange } from "./http2-exchange.ts";
import type { LagWatch } from "./lag.ts";
import type { RegisteredMethod } from "./methods.ts";
import { Rpc } from "./rpc.ts";
import { StreamCall } from "./stream-call.ts";
import { UnaryCall } from "./unary-call.ts";

const exposedHeaders = [...cors.exposedHeaders, requestIdHeader].join(", ");

/** What holds for calls. */
type CallLimits = Pick<ConnectionLimits, "messageMs" | "unreadMs">;

/**
 * Of all unary answers that wait for their clients to take them: bytes. Those
 * who take nothing are cut in time; this is for many of them at once.
 */
const maxUnsentBytes = 256 * 1_048_576;
const unsentRetryMs = 1_000;

/** What an engine needs beside the options of its server. */
interface EngineParts {
  readonly methods: Iterable<RegisteredMethod>;
  readonly running: RunningCalls;
  /** Whether pages of an origin may call. */
  readonly isAllowed: (origin: string) => boolean;
  readonly overload: LagWatch;
  readonly limits: CallLimits;
  readonly log: CallLog;
}

/**
 * Serves calls over gRPC, gRPC-Web and Connect, straight on what Node.js has
 * for HTTP. What it does not take, because it is no well-formed call of one of
 * its methods, is for others to answer.
 */
export class Engine {
  readonly options: WireOptions;
  readonly running: RunningCalls;
  readonly failures: Failures;
  /** The domain of errors. */
  readonly domain: string;
  readonly #lag: LagWatch;
  readonly limits: CallLimits;
  /** Of unary answers that were handed to Node.js and have not left: next to nothing, as a rule. */
  unsentBytes = 0;
  /** The deadlines of calls whose clients set none. */
  readonly deadlines: DeadlineList;
  readonly #rpcs = new Map<string, Rpc>();
  readonly #beacons: ReadonlySet<Rpc>;
  readonly #isAllowed: (origin: string) => boolean;
  readonly #log: CallLog;
  readonly #trusts: ReturnType<typeof proxyAddress.compile> | undefined;

  constructor(options: WireOptions, parts: EngineParts) {
    this.options = options;
    this.running = parts.running;
    this.failures = createFailures(options);
    this.domain = options.errorDomain ?? defaultErrorDomain;
    this.#lag = parts.overload;
    this.limits = parts.limits;
    this.deadlines = new DeadlineList(options.deadlineMs);
    this.#isAllowed = parts.isAllowed;
    this.#log = parts.log;
    const { beacons = [], shortcuts = [], trustedProxies = [] } = options;
    for (const method of parts.methods) {
      const shortcut = shortcuts.find((one) => one.method === method.spec.method);
      this.#rpcs.set(method.path, new Rpc(method, this.domain, shortcut?.serve));
    }
    const isBeacon = (rpc: Rpc): boolean => beacons.some((method) => method === rpc.method);
    this.#beacons = new Set([...this.#rpcs.values()].filter(isBeacon));
    this.#trusts =
      trustedProxies.length > 0 ? proxyAddress.compile([...trustedProxies]) : undefined;
  }

  /** Serves a request over HTTP/1.1. False if it is not for the engine. */
  takeRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#take(new Http1Exchange(request, response));
  }

  /** Serves a request over HTTP/2. False if it is not for the engine. */
  takeStream(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    guard: SessionGuard | undefined,
  ): boolean {
    // CONNECT has no path.
    if (headers[":path"] === undefined) return false;
    return this.#take(new Http2Exchange(stream, headers, guard));
  }

  #take(exchange: Exchange): boolean {
    const { target } = exchange;
    const query = target.indexOf("?");
    const rpc = this.#rpcs.get(query < 0 ? target : target.slice(0, query));
    if (rpc === undefined) return false;
    const kind = this.#kindOf(rpc, exchange, query < 0 ? "" : target.slice(query + 1));
    if (kind === undefined) return false;
    const call = rpc.isUnary
      ? new UnaryCall(this, rpc, kind, exchange)
      : new StreamCall(this, rpc, kind, exchange);
    call.start();
    return true;
  }

  #kindOf(rpc: Rpc, exchange: Exchange, query: string): ContentKind | undefined {
    if (exchange.method === "GET") {
      if (!rpc.isRead || rpc.options.connect === false) return undefined;
      return kindOfGet(new URLSearchParams(query).get("encoding"));
    }
    if (exchange.method !== "POST") return undefined;
    const contentType = exchange.headers["content-type"] ?? "";
    const kind = kindOfPost(contentType);
    if (kind === undefined) return this.#kindOfBeacon(rpc, contentType, exchange);
    const { protocol, enveloped } = kind;
    if (protocol === "grpc") return rpc.options.grpc === false ? undefined : kind;
    if (protocol === "grpc-web") return rpc.options.grpcWeb === false ? undefined : kind;
    if (rpc.options.connect === false || enveloped === rpc.isUnary) return undefined;
    const isBidi = rpc.method.methodKind === "bidi_streaming";
    return isBidi && exchange.httpVersion === "1.1" ? undefined : kind;
  }

  /**
   * What `navigator.sendBeacon(url, text)` sends is taken for JSON. Browsers
   * allow it no JSON content type without asking first, for which there is no
   * time when a page is left. Because they do not ask, the origin is checked here.
   */
  #kindOfBeacon(rpc: Rpc, contentType: string, exchange: Exchange): ContentKind | undefined {
    if (!this.#beacons.has(rpc) || !/^text\/plain\b/i.test(contentType)) return undefined;
    const { origin } = exchange.headers;
    return origin === undefined || this.#isAllowed(origin) ? connectJson : undefined;
  }

  requestIdOf(exchange: Exchange): string {
    return requestIdFrom(exchange.headers[requestIdHeader]);
  }

  /** The address of the client: of the connection, or what a trusted proxy says. */
  peerOf(exchange: Exchange): string {
    const { remoteAddress, headers } = exchange;
    if (this.#trusts === undefined) return remoteAddress;
    return proxyAddress({ headers, socket: { remoteAddress } } as IncomingMessage, this.#trusts);
  }

  /** Who calls, before the request is read. May throw or reject. */
  admit(rpc: Rpc, context: HandlerContext): Promise<void> | undefined {
    const verdict = this.options.authenticate(context);
    const gate = rpc.options.requestGate;
    if (gate === undefined) return verdict ?? undefined;
    return Promise.resolve(verdict).then(() => gate(context));
  }

  /** When to try again, in milliseconds, while there is more to do than can be done. */
  overload(now: number): number | undefined {
    return this.unsentBytes > maxUnsentBytes ? unsentRetryMs : this.#lag(now);
  }

  /** What is said to a call that comes while there is no time for it. */
  overloaded(afterMs: number): ConnectError {
    return publicConnectError(
      {
        code: "unavailable",
        message: "the server has more to do than it can; try again later",
        reason: "OVERLOADED",
        metadata: {},
        violations: [],
        retryAfterMs: afterMs,
      },
      this.domain,
    );
  }

  addCommonHeaders(list: HeaderList, { headers, method }: Exchange, requestId: string): void {
    list.push(requestIdHeader, requestId);
    const { origin } = headers;
    // What a cache keeps may be asked for by another page.
    if (origin !== undefined || method === "GET") list.push("vary", "Origin");
    if (origin === undefined || !this.#isAllowed(origin)) return;
    list.push("access-control-allow-origin", origin);
    list.push("access-control-expose-headers", exposedHeaders);
  }

  log(call: Call): void {
    this.#log({
      rpc: call.rpc.path,
      protocol: call.kind.protocol,
      http: call.exchange.httpVersion,
      code: call.code,
      startedAt: call.startedAt,
      bytesIn: call.bytesIn,
      bytesOut: call.bytesOut,
      peer: call.peer,
      requestId: call.requestId,
    });
  }
}
