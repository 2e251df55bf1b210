import { describe, expect, it } from "vitest";
import { newId } from "../../../src/web/storefront/ids.ts";
import {
  guest,
  keepViewer,
  keptViewer,
  openStore,
  type Store,
} from "../../../src/web/storefront/session.ts";

/** A store of its own: the one that is used where the browser's is forbidden. */
const emptyStore = (): Store =>
  openStore(() => {
    throw new Error("forbidden");
  });

describe("Who looks at the storefront", () => {
  it("should be one and the same guest at first", () => {
    const store = emptyStore();
    const first = keptViewer(store, newId);
    expect(first.id).toMatch(
      /^guest-[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    expect(first.name).toBeUndefined();
    expect(keptViewer(store, newId)).toEqual(first);
    expect(keptViewer(emptyStore(), newId)).not.toEqual(first);
  });

  it("should be the profile that was chosen, and the same guest again after it", () => {
    const store = emptyStore();
    const first = keptViewer(store, newId);
    const ann = { id: "ann-1", name: "Ann Okafor" };
    keepViewer(store, ann);
    expect(keptViewer(store, newId)).toEqual(ann);
    keepViewer(store, guest(store, newId));
    expect(keptViewer(store, newId)).toEqual(first);
  });

  it("should be a guest where what was kept makes no sense", () => {
    for (const kept of ["", "null", "{", "[]", '{"id":""}', '{"id":1,"name":"Ann"}']) {
      const store = emptyStore();
      store.setItem("marquee-profile", kept);
      expect(keptViewer(store, newId).id, kept).toMatch(/^guest-/);
    }
  });
});
