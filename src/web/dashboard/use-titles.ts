import { useEffect, useReducer } from "preact/hooks";
import { marquee } from "./client.ts";

/** What the catalog calls videos; "" for those that it does not have. */
const known = new Map<string, string>();
const asked = new Set<string>();
/** As many as one call takes. */
const MOST = 1_000;

/**
 * The titles of videos: what the catalog says, or else their names. Asked for
 * once; without an answer, names do.
 */
export function useTitles(names: readonly string[]): (name: string) => string {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const key = JSON.stringify([...new Set(names)]);
  useEffect(() => {
    let isShown = true;
    const wanted = JSON.parse(key) as string[];
    const missing = wanted.filter((name) => name !== "" && !known.has(name));
    const ids = missing.filter((name) => !asked.has(name)).slice(0, MOST);
    if (ids.length === 0) {
      // Another panel has asked, and draws only itself: look again in a while.
      if (missing.length === 0) return;
      const timer = setTimeout(draw, 500);
      return () => clearTimeout(timer);
    }
    for (const id of ids) asked.add(id);
    marquee.catalog.batchGetItems({ ids }).then(
      ({ items }) => {
        for (const id of ids) known.set(id, "");
        for (const { id, title } of items) known.set(id, title);
        if (isShown) draw(undefined as never);
      },
      () => {
        for (const id of ids) asked.delete(id);
      },
    );
    return () => {
      isShown = false;
    };
  }, [key]);
  return (name) => known.get(name) || name || "(no name)";
}
