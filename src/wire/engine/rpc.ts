import { create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type {
  HandlerContext,
  Interceptor,
  StreamRequest,
  StreamResponse,
  UnaryRequest,
  UnaryResponse,
} from "@connectrpc/connect";
import type { CallContext } from "./context.ts";
import { jsonCodec, protoCodec, type Codec } from "./codecs.ts";
import type { RegisteredMethod } from "./methods.ts";

type Init = MessageInitShape<DescMessage>;
type UnaryImplementation = (message: Message, context: HandlerContext) => Init | Promise<Init>;
type StreamImplementation = (
  input: Message | AsyncIterable<Message>,
  context: HandlerContext,
) => AsyncIterable<Init> | Init | Promise<Init>;
type Next = (request: UnaryRequest | StreamRequest) => Promise<UnaryResponse | StreamResponse>;

/** Where a request that goes through interceptors keeps the context of its call: they copy it. */
const contextKey = Symbol("context");
/** Where it keeps itself, to be told from a copy. */
const originalKey = Symbol("original");
/** The signal of a context, made when it is asked for; a property of its own, to be copied. */
const lentSignal = {
  enumerable: true,
  configurable: true,
  get(this: { readonly [contextKey]: HandlerContext }): AbortSignal {
    return this[contextKey].signal;
  },
};
type WithContext = {
  readonly [contextKey]?: HandlerContext;
  readonly [originalKey]?: object;
};

/** The codecs of one encoding. */
interface Codecs {
  readonly input: Codec;
  readonly output: Codec;
}

/** A method with all that is the same for each of its calls. */
export class Rpc {
  /** "/pkg.Service/Method" */
  readonly path: string;
  readonly method: RegisteredMethod["spec"]["method"];
  readonly isUnary: boolean;
  /** Whether the request is a single message. */
  readonly takesOne: boolean;
  /** Whether it may be called with GET. */
  readonly isRead: boolean;
  readonly options: RegisteredMethod["options"];
  /** Largest request message in bytes, compressed or not. */
  readonly maxBytes: number;
  readonly #json: Codecs;
  readonly #proto: Codecs;
  readonly #spec: RegisteredMethod["spec"];
  readonly #next: Next | undefined;

  constructor({ path, spec, options }: RegisteredMethod, domain: string) {
    const { method, kind } = spec;
    this.path = path;
    this.method = method;
    this.options = options;
    this.isUnary = kind === "unary";
    this.takesOne = kind === "unary" || kind === "server_streaming";
    this.isRead = this.isUnary && method.idempotency === Idempotency.NO_SIDE_EFFECTS;
    this.maxBytes = options.readMaxBytes ?? 0xffff_ffff;
    this.#spec = spec;
    this.#proto = { input: protoCodec(method.input), output: protoCodec(method.output) };
    this.#json = {
      input: jsonCodec(method.input, options.jsonOptions, domain),
      output: jsonCodec(method.output, options.jsonOptions, domain),
    };
    const { interceptors = [] } = options;
    if (interceptors.length > 0) this.#next = this.#compose(interceptors);
  }

  codecs(json: boolean): Codecs {
    return json ? this.#json : this.#proto;
  }

  /** Calls a unary method through the interceptors. May throw instead of rejecting. */
  invoke(message: Message, context: CallContext): Message | Promise<Message> {
    if (this.#next === undefined) {
      const output = (this.#spec.impl as UnaryImplementation)(message, context);
      return isPromise(output) ? output.then(this.#complete) : this.#complete(output);
    }
    return this.#next(this.#request(context, { stream: false, message })).then((response) => {
      copyAnswerHeaders(response, context);
      return (response as UnaryResponse).message as Message;
    });
  }

  /**
   * Calls a streaming method through the interceptors. May throw.
   *
   * @param input the message, or the messages, of the request.
   */
  stream(
    input: Message | AsyncIterable<Message>,
    context: CallContext,
  ): AsyncIterable<Init> | Promise<AsyncIterable<Init>> {
    if (this.#next === undefined) return this.#outputs(input, context);
    const message = isIterable(input) ? input : single(input);
    return this.#next(this.#request(context, { stream: true, message })).then((response) => {
      copyAnswerHeaders(response, context);
      return response.message as AsyncIterable<Init>;
    });
  }

  readonly #complete = (output: Init): Message => create(this.method.output, output);

  /** A whole message from what a handler gave. */
  complete(output: Init): Message {
    return this.#complete(output);
  }

  #outputs(
    input: Message | AsyncIterable<Message>,
    context: HandlerContext,
  ): AsyncIterable<Init> | Promise<AsyncIterable<Init>> {
    const output = (this.#spec.impl as unknown as StreamImplementation)(input, context);
    if (this.#spec.kind !== "client_streaming") return output as AsyncIterable<Init>;
    return single(output as Init | Promise<Init>);
  }

  #request(
    context: CallContext,
    rest: { stream: false; message: Message } | { stream: true; message: AsyncIterable<Message> },
  ): UnaryRequest | StreamRequest {
    const request = {
      stream: rest.stream,
      message: rest.message,
      method: this.method,
      service: this.method.parent,
      requestMethod: context.requestMethod,
      url: context.url,
      header: context.requestHeader,
      contextValues: context.values,
      [contextKey]: context,
      [originalKey]: undefined as object | undefined,
    };
    request[originalKey] = request;
    return Object.defineProperty(request, "signal", lentSignal) as unknown as
      | UnaryRequest
      | StreamRequest;
  }

  #invokeUnary(request: UnaryRequest): UnaryResponse | Promise<UnaryResponse> {
    const context = contextOf(request);
    const impl = this.#spec.impl as UnaryImplementation;
    const answer = (output: Init): UnaryResponse => {
      const message = this.#complete(output);
      const method = this.method as UnaryResponse["method"];
      return { ...answerOf(this, context), stream: false, method, message };
    };
    const output = impl(request.message as Message, context);
    return isPromise(output) ? output.then(answer) : answer(output);
  }

  async #invokeStream(request: StreamRequest): Promise<StreamResponse> {
    const context = contextOf(request);
    const messages = request.message as AsyncIterable<Message>;
    const input = this.takesOne ? await onlyOne(messages) : messages;
    const message = completed(await this.#outputs(input, context), this.#complete);
    const method = this.method as StreamResponse["method"];
    return { ...answerOf(this, context), stream: true, method, message };
  }

  /** Composed once: connect does it for each call, which no interceptor can tell. */
  #compose(interceptors: readonly Interceptor[]): Next {
    const invoke: Next = (request) => {
      try {
        if (request.stream) return this.#invokeStream(request);
        const output = this.#invokeUnary(request);
        return isPromise(output) ? output : Promise.resolve(output);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    };
    return interceptors.reduceRight<Next>((next, interceptor) => interceptor(next), invoke);
  }
}

/** What the answers of a call have in common. */
function answerOf(
  rpc: Rpc,
  { responseHeader, responseTrailer }: HandlerContext,
): Pick<UnaryResponse, "service" | "header" | "trailer"> {
  return { service: rpc.method.parent, header: responseHeader, trailer: responseTrailer };
}

/** The context as the interceptors left it. */
function contextOf(request: (UnaryRequest | StreamRequest) & WithContext): HandlerContext {
  const context = request[contextKey];
  if (context === undefined) {
    throw new Error("an interceptor made up a request: it has to pass on what it got, or a copy");
  }
  if (request[originalKey] === request) return context;
  const { header, signal, contextValues } = request;
  const isSame =
    header === context.requestHeader &&
    signal === context.signal &&
    contextValues === context.values;
  if (isSame) return context;
  return { ...context, requestHeader: header, signal, values: contextValues };
}

function copyAnswerHeaders(
  { header, trailer }: UnaryResponse | StreamResponse,
  context: HandlerContext,
): void {
  copyHeaders(header, context.responseHeader);
  copyHeaders(trailer, context.responseTrailer);
}

function copyHeaders(from: Headers, to: Headers): void {
  if (from === to) return;
  for (const name of [...to.keys()]) to.delete(name);
  for (const [name, value] of from) to.append(name, value);
}

async function* completed(
  outputs: AsyncIterable<Init>,
  complete: (output: Init) => Message,
): AsyncGenerator<Message> {
  for await (const output of outputs) yield complete(output);
}

async function onlyOne(messages: AsyncIterable<Message>): Promise<Message> {
  for await (const message of messages) return message;
  throw new Error("an interceptor swallowed the message of a request");
}

async function* single<T>(value: T | Promise<T>): AsyncGenerator<T> {
  yield await value;
}

function isIterable(input: Message | AsyncIterable<Message>): input is AsyncIterable<Message> {
  return Symbol.asyncIterator in input;
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown }).then === "function";
}
