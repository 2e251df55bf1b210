/** How often the event loop is asked whether it is late: milliseconds. */
const sampleMs = 50;

/** After how long an overloaded server may have time again: milliseconds. */
const retryAfterMs = 1_000;

/** Knows whether the event loop is late. */
export interface LagWatch {
  /** When to try again, in milliseconds, while it is; undefined while it is not. */
  (): number | undefined;
}

/**
 * Watches how late the event loop is. It is overloaded when two samples in a
 * row were later than `maxLagMs`: one alone may be a single long computation,
 * and what waited for it can be served.
 *
 * @param maxLagMs 0 never says that it is overloaded.
 */
export function watchLag(maxLagMs: number): { readonly overload: LagWatch; stop(): void } {
  if (maxLagMs === 0) return { overload: () => undefined, stop: () => {} };
  let wasLate = false;
  let isOverloaded = false;
  let expected = performance.now() + sampleMs;
  const timer = setInterval(() => {
    const now = performance.now();
    const isLate = now - expected > maxLagMs;
    isOverloaded = isLate && wasLate;
    wasLate = isLate;
    expected = now + sampleMs;
  }, sampleMs);
  timer.unref();
  return {
    overload: () => (isOverloaded ? retryAfterMs : undefined),
    stop: () => clearInterval(timer),
  };
}
