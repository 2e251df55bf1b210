/** As whom one looks at the storefront. */
export interface Viewer {
  /** The viewer_id of views and the user_id of recommendations. */
  readonly id: string;
  /** What they are called; undefined of a guest. */
  readonly name?: string;
}

/** What of `localStorage` is used. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const GUEST = "marquee-guest";
const PROFILE = "marquee-profile";

/** Who looked last: the profile that was chosen, or else the guest of this browser. */
export function keptViewer(store: Store, newId: () => string): Viewer {
  return keptProfile(store) ?? guest(store, newId);
}

/** The guest of this browser: one and the same for as long as the store lasts. */
export function guest(store: Store, newId: () => string): Viewer {
  const kept = store.getItem(GUEST);
  if (kept !== null && kept !== "") return { id: kept };
  const id = `guest-${newId()}`;
  store.setItem(GUEST, id);
  return { id };
}

/** Remembers who looks; that it is a guest, too. */
export function keepViewer(store: Store, viewer: Viewer): void {
  if (viewer.name === undefined) store.removeItem(PROFILE);
  else store.setItem(PROFILE, JSON.stringify({ id: viewer.id, name: viewer.name }));
}

/**
 * The browser's store, or one that lasts as long as the page where storage is
 * forbidden.
 */
export function openStore(open: () => Store): Store {
  try {
    const store = open();
    store.getItem(GUEST);
    return store;
  } catch {
    const kept = new Map<string, string>();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
  }
}

function keptProfile(store: Store): Viewer | undefined {
  try {
    const { id, name } = JSON.parse(store.getItem(PROFILE) ?? "{}") as Record<string, unknown>;
    if (typeof id !== "string" || typeof name !== "string" || id === "") return undefined;
    return { id, name };
  } catch {
    return undefined;
  }
}
