import type { ConnectRouterOptions, HandlerContext, Interceptor } from "@connectrpc/connect";
import { orAborted } from "./abortable.ts";
import { createFailures, defaultErrorDomain, type Failures } from "./failures.ts";
import { deadline } from "./interceptors/deadline.ts";
import { errors } from "./interceptors/errors.ts";
import { validation } from "./interceptors/validation.ts";
import type { CallOptions } from "./options.ts";
import { requestIdFrom, requestIdHeader } from "./request-id.ts";

/**
 * The options of a router whose calls are authenticated, validated, limited and
 * told their errors as on the wire, for transports within the process. There is
 * no line in the log for them: the call that they are part of has one.
 */
export function rpcOptions(options: CallOptions): ConnectRouterOptions {
  const failures = createFailures(options);
  return {
    ...serviceOptions(options),
    interceptors: [
      // Outermost first: the errors of all others, the time of validation too.
      errors(failures, options.requestIdKey),
      deadline(options.deadlineMs),
      validation(options.violations, options.errorDomain ?? defaultErrorDomain),
      ...(options.interceptors ?? []),
    ],
    requestGate: (context) => passGate(context, options, failures),
  };
}

/** What a service or method may change for itself when it is put on the router. */
export function serviceOptions(
  options: CallOptions,
): ConnectRouterOptions & { readonly interceptors: Interceptor[] } {
  return {
    jsonOptions: { alwaysEmitImplicit: true, ignoreUnknownFields: options.allowUnknownFields },
    readMaxBytes: options.maxMessageBytes,
    interceptors: [...(options.interceptors ?? [])],
  };
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
  };
  try {
    const verdict = options.authenticate(context);
    if (verdict !== undefined) await orAborted(verdict, signal);
    signal.throwIfAborted();
  } catch (error) {
    throw failures.present(error, call);
  }
}
