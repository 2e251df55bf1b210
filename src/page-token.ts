import { createHash } from "node:crypto";
import { invalidField } from "./errors.ts";

/**
 * Page tokens: where a listing goes on, bound to the request that it belongs
 * to. They are opaque to clients, and no secret.
 */

/** A token for where the listing of `filter` goes on. Both must fit into JSON. */
export function pageToken(filter: unknown, cursor: unknown): string {
  return Buffer.from(JSON.stringify([digest(filter), cursor])).toString("base64url");
}

/**
 * Where to go on; undefined without a token.
 *
 * @throws DomainError "invalid_argument" for a token that is none, or that
 * belongs to another filter.
 */
export function readPageToken<T>(
  token: string,
  filter: unknown,
  isCursor: (value: unknown) => value is T,
): T | undefined {
  if (token === "") return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    parsed = undefined;
  }
  if (!Array.isArray(parsed) || parsed[0] !== digest(filter) || !isCursor(parsed[1])) {
    throw invalidField(
      "page_token",
      "Must be the next_page_token of an answer to the same request, or empty for the first page.",
    );
  }
  return parsed[1];
}

function digest(filter: unknown): string {
  return createHash("sha256").update(JSON.stringify(filter)).digest("base64url").slice(0, 8);
}
