import type { ConnectRouterOptions, HandlerContext, Interceptor } from "@connectrpc/connect";
import { createContextKey, type ContextKey } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { orAborted } from "./abortable.ts";
import { createFailures, defaultErrorDomain, type Failures } from "./failures.ts";
import type { FieldViolation } from "./errors.ts";
import { jsonFault } from "./json-fault.ts";
import { syntaxFault } from "./json-syntax.ts";
import { deadline } from "./interceptors/deadline.ts";
import { errors } from "./interceptors/errors.ts";
import { validation } from "./interceptors/validation.ts";
import type { CallOptions } from "./options.ts";
import { requestIdFrom, requestIdHeader } from "./request-id.ts";

/** Ends the reading of a request body early, so that nobody waits for the rest of it. */
export const endBodyKey: ContextKey<((reason: unknown) => void) | undefined> = createContextKey<
  ((reason: unknown) => void) | undefined
>(undefined, { description: "ends the request body" });

/** The JSON of the request, to find out what is wrong with it. */
export const jsonBodyKey: ContextKey<{ readonly text: string } | undefined> = createContextKey<
  { readonly text: string } | undefined
>(undefined, { description: "JSON of the request" });

/**
 * The options of a router whose calls are authenticated, validated, limited and
 * told their errors as on the wire, for transports within the process too. The
 * line for each call in the log is not theirs, but the wire's.
 *
 * @param shutdown aborts all calls when the server cannot wait for them any longer.
 */
export function rpcOptions(options: CallOptions, shutdown?: AbortSignal): ConnectRouterOptions {
  const failures = createFailures(options);
  return {
    // connect-node's brotli compresses at level 11, which takes seconds.
    acceptCompression: [compressionGzip],
    jsonOptions: { alwaysEmitImplicit: true, ignoreUnknownFields: options.allowUnknownFields },
    readMaxBytes: options.maxMessageBytes,
    interceptors: interceptors(options, failures),
    requestGate: (context) => passGate(context, options, failures),
    ...(shutdown === undefined ? {} : { shutdownSignal: shutdown }),
  };
}

/**
 * The interceptors, outermost first:
 *
 * 1. errors, so that it sees what the others throw;
 * 2. deadline, so that the time of validation counts;
 * 3. validation, so that the handler sees valid requests only.
 */
function interceptors(options: CallOptions, failures: Failures): Interceptor[] {
  return [
    errors(failures, options.requestIdKey),
    deadline(options.deadlineMs),
    validation(options.violations, options.errorDomain ?? defaultErrorDomain),
  ];
}

/** What happens to a call before its body is read. */
async function passGate(
  context: HandlerContext,
  options: CallOptions,
  failures: Failures,
): Promise<void> {
  const { signal, values } = context;
  if (values.get(options.requestIdKey) === "") {
    values.set(options.requestIdKey, requestIdFrom(context.requestHeader.get(requestIdHeader)));
  }
  const call = {
    rpc: `/${context.service.typeName}/${context.method.name}`,
    requestId: values.get(options.requestIdKey),
    signal,
    fault: () => faultOf(context, options.allowUnknownFields),
  };
  // connect aborts the signal with the error that ends a call before it
  // writes the error, whatever the protocol: the only place where those errors
  // pass that are raised outside the interceptors.
  signal.addEventListener("abort", () => {
    failures.amend(signal.reason, call);
    values.get(endBodyKey)?.(signal.reason);
  });
  try {
    const verdict = options.authenticate(context);
    if (verdict !== undefined) await orAborted(verdict, signal);
    signal.throwIfAborted();
  } catch (error) {
    throw failures.present(error, call);
  }
}

/** What is wrong with a request whose JSON cannot be decoded, if it can be found. */
function faultOf(
  { method, requestMethod, url, values }: HandlerContext,
  allowUnknownFields: boolean,
): FieldViolation | string | undefined {
  const text =
    requestMethod === "GET"
      ? new URL(url).searchParams.get("message")
      : values.get(jsonBodyKey)?.text;
  if (text === null || text === undefined) return undefined;
  const syntax = syntaxFault(text);
  if (syntax !== undefined) return `the request is not valid JSON: ${syntax}`;
  return jsonFault(method.input, text, allowUnknownFields);
}
