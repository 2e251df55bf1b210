import type {
  ContextKey,
  ContextValues,
  HandlerContext,
  StreamRequest,
  UnaryRequest,
} from "@connectrpc/connect";
import type { Exchange } from "./exchange.ts";
import { emptyHeaders, requestHeaders } from "./lazy-headers.ts";
import type { Rpc } from "./rpc.ts";

/** What a context asks its call for. */
interface SignalSource {
  /** Made when it is first asked for: an aborted signal costs as much as decoding a message. */
  readonly signal: AbortSignal;
  /** How long the call has, in milliseconds; undefined if that is not limited. */
  remainingMs(): number | undefined;
}

/**
 * A property of the object itself rather than of its prototype, because
 * contexts and requests are copied by spreading, which takes no others.
 */
const ownSignal = {
  enumerable: true,
  configurable: true,
  get(this: { readonly [sourceKey]: SignalSource }): AbortSignal {
    return this[sourceKey].signal;
  },
};
const sourceKey = Symbol("call");

/** Where a request that goes through interceptors has its context. Copies of it keep that. */
const contextKey = Symbol("context");

/** As connect makes them, without making three functions for each. */
class CallValues implements ContextValues {
  [id: symbol]: unknown;

  get<T>(key: ContextKey<T>): T {
    return key.id in this ? (this[key.id] as T) : key.defaultValue;
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this[key.id] = value;
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    delete this[key.id];
    return this;
  }
}

/**
 * What a handler knows of its call, and the request that interceptors see: one
 * object, because objects are what a call costs.
 */
export class CallContext implements HandlerContext {
  readonly service: HandlerContext["service"];
  readonly method: HandlerContext["method"];
  readonly requestMethod: string;
  readonly protocolName: string;
  readonly url: string;
  readonly requestHeader: Headers;
  readonly responseHeader: Headers = emptyHeaders();
  readonly responseTrailer: Headers = emptyHeaders();
  readonly values: ContextValues = new CallValues();
  readonly timeoutMs: () => number | undefined;
  declare readonly signal: AbortSignal;
  /** As the request of interceptors: see UnaryRequest and StreamRequest. */
  readonly stream: boolean;
  message: unknown = undefined;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly [sourceKey]: SignalSource;
  readonly [contextKey]: CallContext;

  constructor(source: SignalSource, rpc: Rpc, protocolName: string, exchange: Exchange) {
    this.service = rpc.method.parent;
    this.method = rpc.method;
    this.requestMethod = exchange.method;
    this.protocolName = protocolName;
    this.url = exchange.url;
    this.requestHeader = requestHeaders(exchange.headers);
    this.timeoutMs = () => source.remainingMs();
    this.stream = !rpc.isUnary;
    this.header = this.requestHeader;
    this.contextValues = this.values;
    this[sourceKey] = source;
    this[contextKey] = this;
    Object.defineProperty(this, "signal", ownSignal);
  }

  /** This context as the request that interceptors see, with its message or messages. */
  asRequest(message: unknown): UnaryRequest | StreamRequest {
    this.message = message;
    return this as unknown as UnaryRequest | StreamRequest;
  }

  /** The context of a request, as the interceptors left it. */
  static of(request: UnaryRequest | StreamRequest): HandlerContext {
    const context = (request as { readonly [contextKey]?: CallContext })[contextKey];
    if (context === undefined) {
      throw new Error("an interceptor made up a request: it has to pass on what it got, or a copy");
    }
    if ((request as object) === context) return context;
    const { header, signal, contextValues } = request;
    return { ...context, requestHeader: header, signal, values: contextValues };
  }
}
