import { randomUUID } from "node:crypto";

/** The header in which a request id comes and goes. */
export const requestIdHeader = "x-request-id";

const wellFormed = /^[\x21-\x7e]{1,128}$/;

/**
 * The client's request id if it is 1 to 128 printable ASCII characters without
 * spaces, else a new random one.
 */
export function requestIdFrom(header: string | readonly string[] | null | undefined): string {
  return typeof header === "string" && wellFormed.test(header) ? header : randomUUID();
}
