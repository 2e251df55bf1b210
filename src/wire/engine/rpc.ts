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
import type { Shortcut } from "../options.ts";
import { CallContext } from "./context.ts";
import { jsonCodec, protoCodec, type Codec } from "./codecs.ts";
import { clearHeaders } from "./lazy-headers.ts";
import type { RegisteredMethod } from "./methods.ts";

type Init = MessageInitShape<DescMessage>;
type UnaryImplementation = (message: Message, context: HandlerContext) => Init | Promise<Init>;
type StreamImplementation = (
  input: Message | AsyncIterable<Message>,
  context: HandlerContext,
) => AsyncIterable<Init> | Init | Promise<Init>;
type Next = (request: UnaryRequest | StreamRequest) => Promise<UnaryResponse | StreamResponse>;

/** What becomes of a unary call. */
interface Outcome {
  succeed(output: Message): void;
  failWith(error: unknown): void;
}

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
  /** Whether it is called to see whether the server lives. */
  readonly isProbe: boolean;
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
  readonly #shortcut: Shortcut["serve"] | undefined;

  constructor(
    { path, spec, options }: RegisteredMethod,
    domain: string,
    shortcut?: Shortcut["serve"],
  ) {
    const { method, kind } = spec;
    this.#shortcut = shortcut;
    this.path = path;
    this.isProbe = path.startsWith("/grpc.health.v1.Health/");
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

  /**
   * Serves a unary method by its shortcut. False if there is none for this
   * request, or interceptors want to see it.
   */
  invokeShort(bytes: Buffer, context: CallContext, outcome: Outcome): boolean {
    if (this.#shortcut === undefined || this.#next !== undefined) return false;
    if (bytes.byteLength > this.maxBytes) return false;
    try {
      const output = this.#shortcut(bytes, context);
      if (output === undefined) return false;
      output.then(
        (message) => this.#settle(message, outcome),
        (error: unknown) => outcome.failWith(error),
      );
    } catch (error) {
      outcome.failWith(error);
    }
    return true;
  }

  /** Calls a unary method through the interceptors. */
  invoke(message: Message, context: CallContext, outcome: Outcome): void {
    const fail = (error: unknown): void => outcome.failWith(error);
    try {
      if (this.#next !== undefined) {
        this.#next(context.asRequest(message)).then((response) => {
          try {
            copyAnswerHeaders(response, context);
            outcome.succeed(this.complete((response as UnaryResponse).message as Init));
          } catch (error) {
            fail(error);
          }
        }, fail);
        return;
      }
      const output = (this.#spec.impl as UnaryImplementation)(message, context);
      if (isPromise(output)) output.then((value) => this.#settle(value, outcome), fail);
      else outcome.succeed(this.complete(output));
    } catch (error) {
      fail(error);
    }
  }

  #settle(output: Init, outcome: Outcome): void {
    try {
      outcome.succeed(this.complete(output));
    } catch (error) {
      outcome.failWith(error);
    }
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
    return this.#next(context.asRequest(message)).then((response) => {
      copyAnswerHeaders(response, context);
      return response.message as AsyncIterable<Init>;
    });
  }

  /** A whole message from what a handler gave. */
  complete(output: Init): Message {
    return create(this.method.output, output);
  }

  #outputs(
    input: Message | AsyncIterable<Message>,
    context: HandlerContext,
  ): AsyncIterable<Init> | Promise<AsyncIterable<Init>> {
    const output = (this.#spec.impl as unknown as StreamImplementation)(input, context);
    if (this.#spec.kind !== "client_streaming") return output as AsyncIterable<Init>;
    const answer = output as Init | Promise<Init>;
    // An interceptor may never come to read it.
    if (isPromise(answer)) answer.then(undefined, () => {});
    return single(answer);
  }

  #invokeUnary(request: UnaryRequest): UnaryResponse | Promise<UnaryResponse> {
    const context = CallContext.of(request);
    const impl = this.#spec.impl as UnaryImplementation;
    const answer = (output: Init): UnaryResponse => {
      const message = this.complete(output);
      const method = this.method as UnaryResponse["method"];
      return { ...answerOf(this, context), stream: false, method, message };
    };
    const output = impl(request.message as Message, context);
    return isPromise(output) ? output.then(answer) : answer(output);
  }

  async #invokeStream(request: StreamRequest): Promise<StreamResponse> {
    const context = CallContext.of(request);
    const messages = request.message as AsyncIterable<Message>;
    const input = this.takesOne ? await onlyOne(messages) : messages;
    const message = completed(await this.#outputs(input, context), (output) =>
      this.complete(output),
    );
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

function copyAnswerHeaders(
  { header, trailer }: UnaryResponse | StreamResponse,
  context: HandlerContext,
): void {
  copyHeaders(header, context.responseHeader);
  copyHeaders(trailer, context.responseTrailer);
}

function copyHeaders(from: Headers, to: Headers): void {
  if (from === to) return;
  clearHeaders(to);
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

/** Whether a handler is to be waited for. Those that are not typed may give anything. */
function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
