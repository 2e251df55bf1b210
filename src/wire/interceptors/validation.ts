import type { Interceptor } from "@connectrpc/connect";
import { wrapNext } from "../abortable.ts";
import { violationsError } from "../errors.ts";
import type { CallOptions } from "../options.ts";

/**
 * Refuses a request that breaks its contract with invalid_argument, before the
 * handler sees it. In a stream, the message at fault fails the handler's read.
 */
export function validation(violations: CallOptions["violations"], domain: string): Interceptor {
  return (next) => (request) => {
    const schema = request.method.input;
    const check = (message: Parameters<typeof violations>[1]): void => {
      const found = violations(schema, message);
      if (found.length > 0) throw violationsError(found, domain);
    };
    if (!request.stream) {
      check(request.message);
      return next(request);
    }
    const message = wrapNext(request.message, async (element) => {
      const result = await element;
      if (result.done !== true) check(result.value);
      return result;
    });
    return next({ ...request, message });
  };
}
