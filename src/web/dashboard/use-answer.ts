import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { explainError } from "../../client/explain.ts";

/** What is known of the answer to a question. */
export interface Answer<T> {
  /** The latest answer, of an earlier question while this one is asked. */
  readonly data: T | undefined;
  /** Why there is no answer to this question; "" while there may be one. */
  readonly failure: string;
  /** Whether this question has no answer yet. */
  readonly isPending: boolean;
  /** Asks once more. */
  retry(): void;
}

interface Held<T> {
  readonly key: string;
  readonly data: T | undefined;
  readonly failure: string;
}

/**
 * Asks a question, and again when its key changes, which aborts the one before.
 * When only the tick does, it is asked again without a word: what is shown
 * stays until there is something newer, and a failure is told only if nothing is
 * shown.
 */
export function useAnswer<T>(
  key: string,
  tick: number,
  ask: (signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const [held, setHeld] = useState<Held<T>>({ key: "", data: undefined, failure: "" });
  const asker = useRef(ask);
  asker.current = ask;
  const running = useRef<{ key: string; end: AbortController } | undefined>(undefined);

  const begin = useCallback((asked: string) => {
    running.current?.end.abort();
    const end = new AbortController();
    running.current = { key: asked, end };
    const settle = (change: (old: Held<T>) => Held<T>): void => {
      if (end.signal.aborted) return;
      running.current = undefined;
      setHeld(change);
    };
    asker.current(end.signal).then(
      (data) => settle(() => ({ key: asked, data, failure: "" })),
      (error: unknown) =>
        settle((old) =>
          old.key === asked && old.failure === "" && old.data !== undefined
            ? old
            : { key: asked, data: old.data, failure: explainError(error).text },
        ),
    );
  }, []);

  useEffect(() => begin(key), [key]);
  useEffect(() => {
    // An answer that takes longer than a tick is not asked for anew.
    if (tick > 0 && running.current?.key !== key) begin(key);
  }, [tick]);
  useEffect(() => () => running.current?.end.abort(), []);

  const retry = useCallback(() => {
    setHeld((old) => ({ ...old, key: "", failure: "" }));
    begin(key);
  }, [key]);
  return {
    data: held.data,
    failure: held.key === key ? held.failure : "",
    isPending: held.key !== key,
    retry,
  };
}
