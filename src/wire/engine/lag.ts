/** How often the event loop is asked whether it is late: milliseconds. */
const sampleMs = 50;

/** For how long a server that was late is watched more closely: milliseconds. */
const alertMs = 2_000;

/**
 * After how long an overloaded server may have time again: milliseconds, and as
 * many more at most, at random, so that not all come back together.
 */
const retryAfterMs = 1_000;

/** Knows whether the event loop is late. */
export interface LagWatch {
  /**
   * When to try again, in milliseconds, for a call that cannot be served in
   * time; undefined for one that can.
   *
   * @param now of performance.now().
   */
  (now: number): number | undefined;
}

/**
 * Watches how late the event loop is. A timer samples it, and each call that
 * comes looks how late the timer is by then: the loop hands out all that has
 * arrived before it gets to its timers, so that a call which finds the timer
 * overdue has waited that long behind the others of its turn.
 *
 * A call is refused if the timer is later than `maxLagMs` and a sample was so,
 * too, not long before. Once may be a single long computation, or a machine that
 * slept: what waited for it can be served. So, of the calls that come in one
 * turn, as many are served as there is time for; the others are told at once,
 * which costs next to nothing, and the turn ends. When the load is gone, so is
 * the lag, and nothing is refused from the next turn on.
 *
 * @param maxLagMs 0 never refuses a call.
 */
export function watchLag(maxLagMs: number): { readonly overload: LagWatch; stop(): void } {
  if (maxLagMs === 0) return { overload: () => undefined, stop: () => {} };
  let expected = performance.now() + sampleMs;
  let alertUntil = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - expected > maxLagMs) alertUntil = now + alertMs;
    expected = now + sampleMs;
  }, sampleMs);
  timer.unref();
  return {
    overload: (now) => {
      if (now - expected <= maxLagMs || expected > alertUntil) return undefined;
      return Math.round(retryAfterMs * (1 + Math.random()));
    },
    stop: () => clearInterval(timer),
  };
}
