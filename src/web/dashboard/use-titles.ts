import { useEffect, useState } from "preact/hooks";
import { marquee } from "./client.ts";

/** What the catalog calls videos, of those that it has. */
const known = new Map<string, string>();
/** What it was asked for, whether or not it has answered. */
const asked = new Set<string>();
/** What draws the parts of the page that show titles. */
const listeners = new Set<() => void>();
/** As many as one call takes. */
const MOST = 1_000;

/**
 * The titles of videos: what the catalog says, or else their names. Asked for
 * once for all of the page; without an answer, names do.
 */
export function useTitles(names: readonly string[]): (name: string) => string {
  const [, setDrawn] = useState(0);
  useEffect(() => {
    const draw = (): void => setDrawn((drawn) => drawn + 1);
    listeners.add(draw);
    return () => {
      listeners.delete(draw);
    };
  }, []);
  const key = JSON.stringify(names);
  useEffect(() => ask(JSON.parse(key) as string[]), [key]);
  return (name) => known.get(name) || name || "(no name)";
}

function ask(names: readonly string[]): void {
  const missing = new Set(names.filter((name) => name !== "" && !asked.has(name)));
  const ids = [...missing].slice(0, MOST);
  if (ids.length === 0) return;
  for (const id of ids) asked.add(id);
  marquee.catalog.batchGetItems({ ids }).then(
    ({ items }) => {
      for (const { id, title } of items) known.set(id, title);
      for (const draw of listeners) draw();
    },
    () => {
      // Whoever shows one of them next asks again.
      for (const id of ids) asked.delete(id);
    },
  );
}
