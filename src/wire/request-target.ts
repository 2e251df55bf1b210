/**
 * Path and query of a request's target. Proxies may name scheme and host in it,
 * which RFC 9112 (section 3.2.2) wants servers to take.
 */
export function originForm(target: string): string {
  return target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?#]*/i, "");
}
