/**
 * Settles as the promise does, or rejects with the reason of the signal if the
 * signal aborts first. What the promise does after that is nobody's business.
 */
export function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    const settled = (): void => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
    promise.then(resolve, reject).then(settled, settled);
  });
}

/**
 * The same elements, with every wait for the next one passed through `wrap`.
 *
 * It is no generator, because a generator cannot tell an error of its source
 * from one that its consumer throws into it, and because it would queue a
 * `return` behind an element that may never come.
 */
export function wrapNext<T>(
  source: AsyncIterable<T>,
  wrap: (next: Promise<IteratorResult<T>>, source: AsyncIterator<T>) => Promise<IteratorResult<T>>,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const inner = source[Symbol.asyncIterator]();
      const outer: AsyncIterator<T> = { next: () => wrap(inner.next(), inner) };
      if (inner.return !== undefined) outer.return = (value) => returned(inner, value);
      if (inner.throw !== undefined) outer.throw = (error) => thrown(inner, error);
      return outer;
    },
  };
}

function returned<T>(inner: AsyncIterator<T>, value: unknown): Promise<IteratorResult<T>> {
  return inner.return?.(value) ?? Promise.resolve({ done: true, value });
}

function thrown<T>(inner: AsyncIterator<T>, error: unknown): Promise<IteratorResult<T>> {
  return inner.throw?.(error) ?? Promise.reject(error);
}
