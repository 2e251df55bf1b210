import type { ContextKey, Interceptor } from "@connectrpc/connect";
import { wrapNext } from "../abortable.ts";
import type { Failures } from "../failures.ts";

/** Turns all that the inner interceptors and the handler throw into its public form. */
export function errors(failures: Failures, requestIdKey: ContextKey<string>): Interceptor {
  return (next) => async (request) => {
    const present = (error: unknown): never => {
      throw failures.present(error, {
        rpc: `/${request.service.typeName}/${request.method.name}`,
        requestId: request.contextValues.get(requestIdKey),
        signal: request.signal,
      });
    };
    try {
      const response = await next(request);
      if (!response.stream) return response;
      const message = wrapNext(response.message, (element) => element.catch(present));
      return { ...response, message };
    } catch (error) {
      return present(error);
    }
  };
}
