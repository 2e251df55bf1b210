import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { hrefOf, routeOf, type Route } from "./router.ts";

/** Where one is. */
export interface Place {
  /** Undefined at an address that nothing is at. */
  readonly route: Route | undefined;
  /** Tells the entries of the browser's history apart. */
  readonly entry: string;
  /** How one came here: the page was loaded, a link was followed, or one went back or forth. */
  readonly arrival: "load" | "link" | "history";
}

/** Tells components where they are. */
export const PlaceContext = createContext<Place>({ route: undefined, entry: "", arrival: "load" });

const SCROLL = "marquee-scroll-";
/** How long a page may take to become as long as it was. */
const RESTORE_MS = 4_000;

let entries = 0;
/** The entry of the page that is shown. */
let shown = "";
let arrive: (arrival: Place["arrival"]) => void = () => undefined;

/** Goes to a page of the storefront. */
export function go(route: Route): void {
  keepScroll();
  const href = hrefOf(route);
  const isSame = href === location.pathname + location.search;
  history[isSame ? "replaceState" : "pushState"]({ entry: newEntry() }, "", href);
  arrive("link");
}

/** Follows the address, from the page that was loaded on. Used once, by the whole app. */
export function usePlace(): Place {
  const [place, setPlace] = useState<Place>(() => {
    // What the browser would scroll to is not there yet when it does.
    history.scrollRestoration = "manual";
    if (entryOf(history.state) === "") history.replaceState({ entry: newEntry() }, "");
    return placeNow("load");
  });
  useEffect(() => {
    arrive = (arrival) => setPlace(placeNow(arrival));
    const onPop = (): void => {
      // Another place on the same page, such as that of the skip link.
      if (entryOf(history.state) === "") history.replaceState({ entry: shown }, "");
      if (entryOf(history.state) !== shown) arrive("history");
    };
    // While a page is open, so that where one was is known before it is left.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onScroll = (): void => {
      clearTimeout(timer);
      timer = setTimeout(keepScroll, 100);
    };
    addEventListener("popstate", onPop);
    addEventListener("scroll", onScroll, { passive: true });
    addEventListener("pagehide", keepScroll);
    document.addEventListener("click", onClick);
    return () => {
      clearTimeout(timer);
      removeEventListener("popstate", onPop);
      removeEventListener("scroll", onScroll);
      removeEventListener("pagehide", keepScroll);
      document.removeEventListener("click", onClick);
    };
  }, []);
  useEffect(() => {
    if (place.arrival === "link") {
      scrollTo(0, 0);
      return undefined;
    }
    return restoreScroll(place.entry);
  }, [place]);
  return place;
}

/** Names the page in the browser's tab and history. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Marquee" : `${title} · Marquee`;
  }, [title]);
}

/** How one came to the page. */
export function useArrival(): Place["arrival"] {
  return useContext(PlaceContext).arrival;
}

/** Follows links between pages of the storefront without loading anything. */
function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || link.getAttribute("href")?.startsWith("#")) return;
  const route = routeOf(link);
  if (route === undefined) return;
  event.preventDefault();
  go(route);
}

function placeNow(arrival: Place["arrival"]): Place {
  shown = entryOf(history.state);
  return { route: routeOf(location), entry: shown, arrival };
}

function newEntry(): string {
  return `${Date.now().toString(36)}-${++entries}`;
}

function entryOf(state: unknown): string {
  const entry = (state as { entry?: unknown } | null)?.entry;
  return typeof entry === "string" ? entry : "";
}

function keepScroll(): void {
  try {
    sessionStorage.setItem(SCROLL + entryOf(history.state), String(Math.round(scrollY)));
  } catch {
    // Then one comes back to the top.
  }
}

/** Scrolls to where one was, as soon as the page is long enough, unless the reader scrolls first. */
function restoreScroll(entry: string): () => void {
  let target = 0;
  try {
    target = Number(sessionStorage.getItem(SCROLL + entry) ?? 0);
  } catch {
    // Not kept.
  }
  if (!(target > 0)) return () => undefined;
  const root = document.documentElement;
  const observer = new ResizeObserver(() => {
    if (root.scrollHeight < target + innerHeight) return;
    scrollTo(0, target);
    end();
  });
  const end = (): void => {
    observer.disconnect();
    clearTimeout(timer);
    for (const moved of ["wheel", "touchstart", "keydown"]) removeEventListener(moved, end);
  };
  const timer = setTimeout(end, RESTORE_MS);
  for (const moved of ["wheel", "touchstart", "keydown"]) {
    addEventListener(moved, end, { passive: true });
  }
  observer.observe(document.body);
  return end;
}
