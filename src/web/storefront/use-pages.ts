import { useEffect, useRef, useState } from "preact/hooks";
import { useLatest } from "../use-latest.ts";
import { recall, remember } from "./remembered.ts";

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What brings the next one; "" on the last. */
  readonly next: string;
}

/** A list that is read page by page, as far as it was asked for. */
export interface Pages<T> {
  /** Undefined before the first page is there. */
  readonly items: readonly T[] | undefined;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  /** Reads the next page, or the same again if it failed. */
  more(): void;
}

interface State<T> {
  readonly key: string;
  readonly items?: readonly T[] | undefined;
  readonly next: string;
  readonly isLoading: boolean;
  readonly error?: unknown;
}

/**
 * Reads a list page by page, the first one at once. As far as a list was read,
 * it is there again when its key comes back, so that one finds one's place.
 */
export function usePages<T>(
  key: string,
  read: (token: string, signal: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  const [kept, setState] = useState<State<T>>(() => startOf(key));
  const state = kept.key === key ? kept : startOf<T>(key);
  const abort = useRef<AbortController>(undefined);
  const load = (from: State<T>): void => {
    const controller = new AbortController();
    abort.current?.abort();
    abort.current = controller;
    setState({ ...from, isLoading: true, error: undefined });
    read(from.next, controller.signal).then(
      ({ items, next }) => {
        if (controller.signal.aborted) return;
        const soFar = { key, items: [...(from.items ?? []), ...items], next, isLoading: false };
        remember(key, soFar);
        setState(soFar);
      },
      (error: unknown) => {
        if (!controller.signal.aborted) setState({ ...from, isLoading: false, error });
      },
    );
  };
  const latest = useLatest(load);
  useEffect(() => {
    const start = startOf<T>(key);
    setState(start);
    if (start.items === undefined) latest.current(start);
    return () => abort.current?.abort();
  }, [key, latest]);
  return {
    items: state.items,
    hasMore: state.next !== "",
    isLoading: state.isLoading,
    error: state.error,
    more: () => load(state),
  };
}

/** As far as the list was read before, or nothing of it. */
function startOf<T>(key: string): State<T> {
  return recall<State<T>>(key) ?? { key, next: "", isLoading: true };
}
