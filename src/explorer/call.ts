import {
  create,
  toBinary,
  toJson,
  toJsonString,
  type DescMethod,
  type JsonValue,
  type Message,
  type Registry,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { takesStream } from "./contract.ts";
import { enveloped } from "./envelopes.ts";
import { failureOf, type Failure } from "./failure.ts";
import type { CallOptions, Header } from "./options.ts";

/** A call that can be made. */
export interface Call {
  readonly method: DescMethod;
  /** Where the server is. */
  readonly baseUrl: string;
  /** One message, unless the method takes a stream. */
  readonly messages: readonly Message[];
  readonly registry: Registry;
  readonly headers: readonly Header[];
  readonly options: CallOptions;
}

/** How a call ended. */
export interface Outcome {
  /** Undefined if it succeeded. */
  readonly failure?: Failure;
  readonly trailers: readonly Header[];
  /** From the start to the end, in milliseconds. */
  readonly durationMs: number;
}

/** What is told while a call runs. */
export interface Listener {
  /** The headers of the answer, with the status of HTTP. Not called where there is no answer. */
  onHeaders(status: number, headers: readonly Header[]): void;
  /** A message of the answer, as JSON in which fields have their defaults. */
  onMessage(value: JsonValue): void;
}

/**
 * Calls a method, whatever its kind. Never rejects: how it went wrong is part of
 * how it ended. A stream of requests is sent whole before answers are read, for
 * browsers cannot do both at once; whatever wants an answer before it sends more
 * cannot be tried this way.
 */
export async function makeCall(
  call: Call,
  signal: AbortSignal,
  listener: Listener,
): Promise<Outcome> {
  const start = performance.now();
  const { method, registry, options } = call;
  const header = new Headers(call.headers.map(([name, value]): [string, string] => [name, value]));
  const timeoutMs = options.timeoutMs > 0 ? options.timeoutMs : undefined;
  const seen: Header[] = [];
  const transport = transportOf(call, (response) => {
    seen.push(...response.headers);
    // Connect has the trailers of unary calls among the headers.
    const own = seen.filter(([name]) => !name.startsWith("trailer-"));
    listener.onHeaders(response.status, own);
  });
  const show = (message: Message): void =>
    listener.onMessage(toJson(method.output, message, { registry, alwaysEmitImplicit: true }));
  const ended = (trailers: Iterable<Header>, failure?: Failure): Outcome => ({
    trailers: [...trailers],
    durationMs: performance.now() - start,
    ...(failure === undefined ? {} : { failure }),
  });
  try {
    if (method.methodKind === "unary") {
      const [message = create(method.input)] = call.messages;
      const unary = { ...method, methodKind: "unary" as const };
      const response = await transport.unary(unary, signal, timeoutMs, header, message);
      show(response.message);
      return ended(response.trailer);
    }
    const [first = create(method.input)] = call.messages;
    const stream = { ...method, methodKind: "server_streaming" as const };
    const response = await transport.stream(stream, signal, timeoutMs, header, only(first));
    for await (const message of response.message) show(message);
    return ended(response.trailer);
  } catch (thrown) {
    const error = ConnectError.from(thrown, signal.aborted ? Code.Canceled : Code.Unknown);
    // An error has headers and trailers in one.
    const known = new Set(seen.map(([name]) => name));
    const trailers = [...error.metadata].filter(([name]) => !known.has(name));
    return ended(trailers, failureOf(error, registry));
  }
}

/**
 * connect-web sends one message only. What comes back from a method that takes
 * more is no different, so it is told that the method takes one, and its body is
 * replaced by one that has all of them.
 */
function transportOf(call: Call, onResponse: (response: Response) => void): Transport {
  const { method, baseUrl, messages, registry, options } = call;
  const useBinaryFormat = options.encoding === "binary";
  const body = takesStream(method)
    ? enveloped(
        messages.map((message) =>
          useBinaryFormat
            ? toBinary(method.input, message)
            : new TextEncoder().encode(toJsonString(method.input, message, { registry })),
        ),
      )
    : undefined;
  const settings = {
    baseUrl,
    useBinaryFormat,
    jsonOptions: { registry },
    fetch: async (...[url, init]: Parameters<typeof fetch>): Promise<Response> => {
      const response = await fetch(url, body === undefined ? init : { ...init, body });
      onResponse(response);
      return response;
    },
  };
  return options.protocol === "connect"
    ? createConnectTransport({ ...settings, useHttpGet: options.get })
    : createGrpcWebTransport(settings);
}

async function* only<Item>(item: Item): AsyncIterable<Item> {
  yield item;
}
