import { useEffect, useState } from "preact/hooks";
import { useLatest } from "../use-latest.ts";
import { recall, remember } from "./remembered.ts";

/** A call to the server, as a page shows it. */
export interface Call<T> {
  /** The last answer, also while it is asked for anew; undefined before there is any. */
  readonly data: T | undefined;
  /** Why the last call failed; undefined while another one runs. */
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Makes the call again. */
  again(): void;
}

interface State<T> {
  readonly key: string;
  readonly data?: T | undefined;
  readonly error?: unknown;
  readonly isLoading: boolean;
}

/**
 * Makes a call when the page is drawn first, and whenever its key changes; the
 * call before is cancelled. What a key brought is shown at once when the key
 * comes back, until the new answer is there.
 *
 * @param key what is asked for, in one text. Undefined: nothing yet.
 */
export function useCall<T>(
  key: string | undefined,
  make: (signal: AbortSignal) => Promise<T>,
): Call<T> {
  const asked = key ?? "";
  const fresh = (): State<T> => ({
    key: asked,
    data: recall<T>(asked),
    isLoading: key !== undefined,
  });
  const [kept, setState] = useState<State<T>>(fresh);
  const [attempt, setAttempt] = useState(0);
  const latest = useLatest(make);
  const state = kept.key === asked ? kept : fresh();
  useEffect(() => {
    if (key === undefined) return undefined;
    const abort = new AbortController();
    const change = (next: State<T>): void => {
      if (!abort.signal.aborted) setState(next);
    };
    const data = recall<T>(key);
    change({ key, data, isLoading: true });
    latest.current(abort.signal).then(
      (answer) => {
        if (!abort.signal.aborted) remember(key, answer);
        change({ key, data: answer, isLoading: false });
      },
      (error: unknown) => change({ key, data, error, isLoading: false }),
    );
    return () => abort.abort();
    // What is asked for is told by the key alone.
  }, [key, attempt, latest]);
  return {
    data: state.data,
    error: state.error,
    isLoading: state.isLoading,
    again: () => setAttempt((count) => count + 1),
  };
}
