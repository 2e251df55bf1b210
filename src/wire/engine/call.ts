import { Code, ConnectError } from "@connectrpc/connect";
import { codeName } from "../answer.ts";
import { isGrpc } from "../protocol.ts";
import type { RunningCall } from "../running-calls.ts";
import type { ContentKind } from "./content-kind.ts";
import { CallContext } from "./context.ts";
import { negotiate, type Agreement } from "./compression.ts";
import { clientTimeoutMs, type DeadlineEntry } from "./deadline.ts";
import type { Engine } from "./engine.ts";
import type { Exchange, ExchangeUser, HeaderList, Trailers } from "./exchange.ts";
import { addHeaders } from "./answers.ts";
import { clearHeaders, filled } from "./lazy-headers.ts";
import type { Rpc } from "./rpc.ts";

/** What a call that nobody waits for any more tells its signal. */
const callIsOver = new ConnectError("the call is over", Code.Canceled);

const released = undefined as unknown as CallContext;

/**
 * One call, from its headers to its line in the log. What is common to unary
 * calls and streams: who calls, for how long, and how it ends.
 */
export abstract class Call implements ExchangeUser, RunningCall, DeadlineEntry {
  readonly rpc: Rpc;
  readonly kind: ContentKind;
  readonly exchange: Exchange;
  readonly requestId: string;
  readonly peer: string;
  readonly startedAt: number = performance.now();
  bytesIn = 0;
  bytesOut = 0;
  /** What the client was told, once it was. */
  code = "canceled";
  protected readonly engine: Engine;
  protected context: CallContext;
  protected compression: Agreement | undefined;
  /** Whether the end of the response is on its way: nothing can be changed any more. */
  protected isOver = false;
  #controller: AbortController | undefined;
  #aborted: ConnectError | undefined;
  older: RunningCall | undefined = undefined;
  newer: RunningCall | undefined = undefined;
  deadline = Infinity;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;
  #timeout: NodeJS.Timeout | undefined;
  #isListed = false;
  #unsentBytes = 0;
  /** Since when it has been seen to be over and not gone. */
  #overSince: number | undefined = undefined;

  constructor(engine: Engine, rpc: Rpc, kind: ContentKind, exchange: Exchange) {
    this.engine = engine;
    this.rpc = rpc;
    this.kind = kind;
    this.exchange = exchange;
    this.requestId = engine.requestIdOf(exchange);
    this.peer = engine.peerOf(exchange);
    const name = kind.protocol === "connect-get" ? "connect" : kind.protocol;
    this.context = new CallContext(this, rpc, name, exchange);
    this.context.values.set(engine.options.requestIdKey, this.requestId);
  }

  /** Aborts when the call is over, with the reason if there is one. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  remainingMs(): number | undefined {
    const { deadline } = this;
    return deadline === Infinity ? undefined : Math.ceil(deadline - performance.now());
  }

  /** Serves the call. Never throws. */
  start(): void {
    this.engine.running.add(this);
    this.exchange.open(this);
    if (this.comesTooLate(this.startedAt)) return;
    try {
      this.#agree();
    } catch (error) {
      return this.fail(error as ConnectError);
    }
    try {
      const verdict = this.engine.admit(this.rpc, this.context);
      if (verdict === undefined) return this.begin();
      verdict.then(
        () => this.isOver || this.begin(),
        (error: unknown) => this.failWith(error),
      );
    } catch (error) {
      this.failWith(error);
    }
  }

  /** The call is admitted: its request is read. */
  protected begin(): void {
    this.exchange.read();
  }

  /** Ends the call with what the client is to be told, unless it is over. Never throws. */
  fail(error: ConnectError): void {
    if (this.isOver) return;
    this.over(error);
    try {
      this.tell(error);
    } catch (cause) {
      this.failToTell(cause);
    }
  }

  /** Answers with an error, and lets go of what the call had. The call is over. */
  protected abstract tell(error: ConnectError): void;

  /**
   * What a handler left, or threw, cannot be sent. That must cost nothing but
   * this call: the client is told so, or cut off if it cannot be told anything.
   */
  protected failToTell(cause: unknown): void {
    const { rpc, requestId, signal } = this;
    const call = { rpc: rpc.path, requestId, signal };
    const error = this.engine.failures.internal(cause, call);
    this.code = codeName(error.code);
    try {
      clearHeaders(this.context.responseHeader);
      clearHeaders(this.context.responseTrailer);
      this.tell(error);
    } catch {
      this.exchange.cut();
    }
  }

  abstract onData(chunk: Buffer): void;
  abstract onEnd(): void;
  abstract onDrain(): void;

  /** Ends the call because of what a handler, or whatever is called by it, threw. */
  failWith(error: unknown): void {
    if (this.isOver) return;
    const { rpc, requestId, signal } = this;
    const call = { rpc: rpc.path, requestId, signal };
    const { failures } = this.engine;
    let told: ConnectError;
    try {
      told = failures.present(error, call);
    } catch (cause) {
      // What describes errors is the application's.
      told = failures.internal(cause, call);
    }
    this.fail(told);
  }

  /** Ends the call from outside: past its deadline, client gone, server stopping. */
  abort(reason: ConnectError): void {
    if (this.isOver) return;
    this.#abort(reason);
    this.fail(reason);
  }

  /** The deadline is past. */
  expire(): void {
    this.#isListed = false;
    this.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
  }

  closeConnection(): void {
    this.exchange.closeConnection();
  }

  check(now: number): void {
    if (!this.isOver || !this.exchange.isNext) return;
    this.#overSince ??= now;
    if (now - this.#overSince > this.engine.limits.unreadMs) this.cut();
  }

  /** Refuses the call if there is more to do than there is time for. */
  protected comesTooLate(now: number): boolean {
    // Who probes takes a server that refuses out of service: then the others get its load, too.
    if (this.rpc.isProbe) return false;
    const retryAfterMs = this.engine.overload(now);
    if (retryAfterMs !== undefined) this.fail(this.engine.overloaded(retryAfterMs));
    return retryAfterMs !== undefined;
  }

  /** Ends the call of a client that reads nothing, which cannot be told anything either. */
  protected cut(): void {
    const { peer, requestId, rpc } = this;
    const reason = "the client reads nothing";
    this.engine.options.logger.info({ rpc: rpc.path, peer, requestId, reason }, "call cut");
    this.exchange.cut();
  }

  /** Ends the call of a client that does not send what it has to. */
  protected failSlow(): void {
    this.abort(new ConnectError("the message took too long to arrive", Code.DeadlineExceeded));
  }

  onClose(answered: boolean): void {
    // Who resets a stream may call it NO_ERROR, and Node.js ends our side then.
    if (!answered || !this.isOver) {
      this.abort(new ConnectError("the client is gone", Code.Canceled));
      // Whatever was to be told, nobody was there to hear it.
      this.code = "canceled";
    }
    this.engine.unsentBytes -= this.#unsentBytes;
    this.engine.running.delete(this);
    this.engine.log(this);
  }

  /** To be called when the end of the response is on its way. */
  protected over(error: ConnectError | undefined): void {
    this.isOver = true;
    this.code = error === undefined ? "ok" : codeName(error.code);
    if (this.#isListed) {
      this.#isListed = false;
      this.engine.deadlines.delete(this);
    } else if (this.#timeout !== undefined) clearTimeout(this.#timeout);
    this.#abort(error ?? callIsOver);
  }

  /** To be called when a whole answer was handed to Node.js, which holds it until it has left. */
  protected answered(): void {
    this.#unsentBytes = this.bytesOut;
    this.engine.unsentBytes += this.bytesOut;
  }

  /**
   * Lets go of what nobody needs once the answer is on its way. Until its last
   * frame has left, a call outlives a collection of garbage or two; what it
   * still holds then is copied each time.
   */
  protected release(): void {
    this.context = released;
    this.compression = undefined;
  }

  #abort(reason: ConnectError): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  /** The headers that every response begins with. */
  protected headers(status: number, contentType: string): HeaderList {
    const list = this.exchange.newHeaders(status);
    list.push("content-type", contentType);
    this.engine.addCommonHeaders(list, this.exchange, this.requestId);
    addHeaders(list, this.context.responseHeader);
    return list;
  }

  /**
   * Ends a response that has nothing but an ending: gRPC wants its status among
   * the headers then. If a handler has set headers they stay apart, because
   * clients take all that comes with the status for trailers.
   *
   * @returns false if the response needs trailers.
   */
  protected endWithHeaders(list: HeaderList, trailers: Trailers | undefined): boolean {
    const hasOwn = filled(this.context.responseHeader) !== undefined;
    if (trailers === undefined || hasOwn || this.exchange.httpVersion === "1.1") return false;
    for (const [name, value] of Object.entries(trailers)) {
      for (const one of typeof value === "string" ? [value] : value) list.push(name, one);
    }
    this.exchange.answer(list, undefined, undefined);
    return true;
  }

  /** Deadline and compression, by the headers. */
  #agree(): void {
    const { headers } = this.exchange;
    const { protocol, timeoutHeader, encodingHeader, acceptHeader } = this.kind;
    const ms = clientTimeoutMs(headers[timeoutHeader] as string | undefined, isGrpc(protocol));
    if (ms !== undefined) {
      this.deadline = this.startedAt + ms;
      this.#timeout = setTimeout(expire, ms, this);
    } else if (this.rpc.isUnary) {
      this.engine.deadlines.add(this, this.startedAt);
      this.#isListed = true;
    }
    const encoding = headers[encodingHeader] as string | undefined;
    const accepted = headers[acceptHeader] as string | undefined;
    this.compression = negotiate(this.encodingOf(encoding), accepted, acceptHeader);
  }

  /** The encoding of the request: what its header says. */
  protected encodingOf(header: string | undefined): string | undefined {
    return header;
  }
}

function expire(call: Call): void {
  call.expire();
}
