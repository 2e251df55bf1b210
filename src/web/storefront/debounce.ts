/** A function that runs once its caller has come to rest. */
export interface Debounced<Args extends readonly unknown[]> {
  /** Runs it when nothing was called for a while; of several calls, the last one. */
  call(...args: Args): void;
  /** Forgets what has not run yet, and aborts what runs. */
  cancel(): void;
}

/**
 * Waits until calls have paused, and ends the run before: its signal aborts
 * as soon as there is another call.
 *
 * @param waitMs how long the pause is.
 */
export function debounce<Args extends readonly unknown[]>(
  run: (signal: AbortSignal, ...args: Args) => void,
  waitMs: number,
): Debounced<Args> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  const cancel = (): void => {
    clearTimeout(timer);
    running?.abort();
    running = undefined;
  };
  return {
    cancel,
    call(...args) {
      cancel();
      timer = setTimeout(() => {
        running = new AbortController();
        run(running.signal, ...args);
      }, waitMs);
    },
  };
}
