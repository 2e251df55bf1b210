import { Code } from "@connectrpc/connect";
import { explainError } from "../../client/index.ts";

/**
 * Which entries of a request the server refused, and why. Empty if the fault is
 * in the request, but the server does not say where; undefined if the fault
 * lies elsewhere, so that other requests would fail too.
 *
 * @param list the field of the request that holds the entries; "" where the request is the entry.
 */
export function refusals(error: unknown, list: string): Map<number, string> | undefined {
  const { code, text, violations, retryAfterMs } = explainError(error);
  const inRequest =
    code === Code.InvalidArgument ||
    code === Code.OutOfRange ||
    code === Code.AlreadyExists ||
    // Too large, rather than too much at once.
    (code === Code.ResourceExhausted && retryAfterMs === undefined);
  if (!inRequest) return undefined;
  if (list === "") return new Map([[0, text]]);
  const refused = new Map<number, string>();
  for (const { field, description } of violations) {
    const [, index, rest = ""] = INDEXED.exec(field.slice(list.length)) ?? [];
    if (!field.startsWith(list) || index === undefined) continue;
    const reason = rest === "" ? description : `${rest}: ${description}`;
    const before = refused.get(Number(index));
    refused.set(Number(index), before === undefined ? reason : `${before}; ${reason}`);
  }
  return refused;
}

/** What follows the name of the list in a path such as "items[3].title". */
const INDEXED = /^\[(\d+)\]\.?(.*)$/;
