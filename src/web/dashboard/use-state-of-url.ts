import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { readState, writeState, type State } from "./logic/state.ts";

/** Changes some of what is shown; the browser's back button undoes it. */
export type Go = (change: Partial<State>) => void;

/** What the query of the URL says, and what changes it. */
export function useStateOfUrl(): [State, Go] {
  const [state, setState] = useState(() => readState(location.search, browserZone()));
  const latest = useRef(state);
  latest.current = state;

  useEffect(() => {
    // Says all of it from the start, so that a copied URL shows the same elsewhere.
    history.replaceState(null, "", writeState(latest.current));
    const onBack = (): void => setState(readState(location.search, browserZone()));
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);

  const go = useCallback((change: Partial<State>) => {
    const next = { ...latest.current, ...change };
    const query = writeState(next);
    if (query === location.search) return;
    history.pushState(null, "", query);
    latest.current = next;
    setState(next);
  }, []);
  return [state, go];
}

/** The time zone of the browser; UTC if it does not say. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
