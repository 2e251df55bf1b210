import { useRef } from "preact/hooks";

/** A holder of the value of the latest drawing, for functions that run later. */
export function useLatest<T>(value: T): { readonly current: T } {
  const holder = useRef(value);
  holder.current = value;
  return holder;
}
