import { useCallback, useEffect, useState } from "preact/hooks";
import { failureText } from "./logic/failure.ts";
import { pace } from "./logic/pace.ts";
import { useLatest } from "../use-latest.ts";

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
  const asker = useLatest(ask);
  const [running] = useState(() => new Running());

  const begin = useCallback(
    (asked: string) => {
      const signal = running.begin(asked);
      const begun = performance.now();
      const settle = (change: (old: Held<T>) => Held<T>): void => {
        if (signal.aborted) return;
        running.end();
        pace.answered(performance.now() - begun);
        setHeld(change);
      };
      asker.current(signal).then(
        (data) => settle(() => ({ key: asked, data, failure: "" })),
        (error: unknown) =>
          settle((old) =>
            old.key === asked && old.failure === "" && old.data !== undefined
              ? old
              : { key: asked, data: old.data, failure: failureText(error) },
          ),
      );
    },
    [asker, running],
  );

  useEffect(() => begin(key), [key, begin]);
  useEffect(() => {
    // An answer that takes longer than a tick is not asked for anew.
    if (tick > 0 && running.key !== key) begin(key);
  }, [tick, key, begin, running]);
  useEffect(() => () => running.end(), [running]);

  const retry = useCallback(() => {
    setHeld((old) => ({ ...old, key: "", failure: "" }));
    begin(key);
  }, [key, begin]);
  return {
    data: held.data,
    failure: held.key === key ? held.failure : "",
    isPending: held.key !== key,
    retry,
  };
}

/** The question that is asked now: one at a time. */
class Running {
  #key = "";
  #controller: AbortController | undefined;

  /** Its key; empty while none is. */
  get key(): string {
    return this.#key;
  }

  /** Begins one, instead of the one before. The signal aborts when nobody waits for it any more. */
  begin(key: string): AbortSignal {
    this.end();
    this.#key = key;
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  end(): void {
    this.#controller?.abort();
    this.#controller = undefined;
    this.#key = "";
  }
}
