import type { ContextKey, ContextValues, HandlerContext } from "@connectrpc/connect";
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

/** What a handler knows of its call. */
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
  readonly [sourceKey]: SignalSource;

  constructor(source: SignalSource, rpc: Rpc, protocolName: string, exchange: Exchange) {
    this.service = rpc.method.parent;
    this.method = rpc.method;
    this.requestMethod = exchange.method;
    this.protocolName = protocolName;
    this.url = exchange.url;
    this.requestHeader = requestHeaders(exchange.headers);
    this.timeoutMs = () => source.remainingMs();
    this[sourceKey] = source;
    Object.defineProperty(this, "signal", ownSignal);
  }
}
