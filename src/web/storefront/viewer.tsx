import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { Code, ConnectError } from "@connectrpc/connect";
import { newId } from "./ids.ts";
import { marquee } from "./marquee.ts";
import { guest, keepViewer, keptViewer, openStore, type Viewer } from "./session.ts";

const store = openStore(() => localStorage);

interface Looking {
  /** As whom one looks. */
  readonly viewer: Viewer;
  /** Looks as somebody else from now on; without one, as the guest of this browser. */
  lookAs(viewer?: Viewer): void;
}

const LookingContext = createContext<Looking>({ viewer: { id: "" }, lookAs: () => undefined });

/** As whom one looks at the storefront, and how to change that. */
export function useViewer(): Looking {
  return useContext(LookingContext);
}

/** Remembers as whom one looks, from one visit to the next. */
export function ViewerProvider({ children }: { children: ComponentChildren }) {
  const [viewer, setViewer] = useState(() => keptViewer(store, newId));
  const looking = useMemo<Looking>(
    () => ({
      viewer,
      lookAs(chosen = guest(store, newId)) {
        keepViewer(store, chosen);
        setViewer(chosen);
      },
    }),
    [viewer],
  );
  // In another tab one may have chosen to look as somebody else.
  useEffect(() => {
    const onChange = ({ storageArea }: StorageEvent): void => {
      if (storageArea !== localStorage) return;
      const now = keptViewer(store, newId);
      setViewer((before) => (before.id === now.id ? before : now));
    };
    addEventListener("storage", onChange);
    return () => removeEventListener("storage", onChange);
  }, []);
  // A profile may have been deleted since it was chosen.
  useEffect(() => {
    if (looking.viewer.name === undefined) return undefined;
    const abort = new AbortController();
    marquee.profiles
      .getProfile({ id: looking.viewer.id }, { signal: abort.signal })
      .catch((error) => {
        if (ConnectError.from(error).code === Code.NotFound) looking.lookAs();
      });
    return () => abort.abort();
  }, [looking]);
  return <LookingContext.Provider value={looking}>{children}</LookingContext.Provider>;
}
