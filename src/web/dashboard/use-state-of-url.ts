import { useCallback, useEffect, useState } from "preact/hooks";
import { readState, writeState, type State } from "./logic/state.ts";

/** Changes some of what is shown; the browser's back button undoes it. */
export type Go = (change: Partial<State>) => void;

/** What the query of the URL says, and what changes it. */
export function useStateOfUrl(): [State, Go] {
  const [state, setState] = useState(stateOfUrl);
  useEffect(() => {
    // Says all of it from the start, so that a copied URL shows the same elsewhere.
    history.replaceState(null, "", writeState(stateOfUrl()));
    const onBack = (): void => setState(stateOfUrl());
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);

  const go = useCallback((change: Partial<State>) => {
    const next = { ...stateOfUrl(), ...change };
    const query = writeState(next);
    if (query === location.search) return;
    history.pushState(null, "", query);
    setState(next);
  }, []);
  return [state, go];
}

function stateOfUrl(): State {
  return readState(location.search, browserZone(), Date.now());
}

/** The time zone of the browser; UTC if it does not say. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
