import { randomBytes } from "node:crypto";

/** The header in which a request id comes and goes. */
export const requestIdHeader = "x-request-id";

const wellFormed = /^[\x21-\x7e]{1,128}$/;

/** Tells the ids of this process from those of every other: 48 random bits. */
const prefix = `${randomBytes(6).toString("base64url")}-`;
let made = 0;

/**
 * The client's request id if it is 1 to 128 printable ASCII characters without
 * spaces, else a new one: as unique as a random one, and half as long.
 */
export function requestIdFrom(header: string | readonly string[] | null | undefined): string {
  if (typeof header === "string" && wellFormed.test(header)) return header;
  return prefix + (++made).toString(36);
}
