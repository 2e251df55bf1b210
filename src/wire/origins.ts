/** Pages of this machine, whatever their port. */
const LOCAL = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * Whose pages may call. `allowed` has origins such as https://example.org,
 * "localhost" for all origins of this machine, and "*" for all there are; none
 * if it is empty.
 */
export function originMatcher(allowed: readonly string[]): (origin: string) => boolean {
  const exact = new Set(allowed);
  const all = exact.has("*");
  const local = exact.has("localhost");
  return (origin) => all || exact.has(origin) || (local && LOCAL.test(origin));
}
