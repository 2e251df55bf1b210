import { useLayoutEffect, useRef } from "preact/hooks";

/** What a value was when the page was drawn last, for what happens later. */
export function useLatest<T>(value: T): { readonly current: T } {
  const ref = useRef(value);
  useLayoutEffect(() => {
    ref.current = value;
  }, [value]);
  return ref;
}
