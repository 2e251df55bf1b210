import { onTestFinished } from "vitest";
import type { CatalogItem } from "../../src/catalog/catalog.ts";
import { SqliteCatalog } from "../../src/catalog/items.ts";
import { openState } from "../../src/storage/state.ts";

/** Opens the catalog of a directory. It is closed when the test is over. */
export async function openCatalog(
  directory: string,
): Promise<{ catalog: SqliteCatalog; close(): Promise<void> }> {
  const state = await openState({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => state.destroy());
  return { catalog: new SqliteCatalog(state), close: () => state.destroy() };
}

/** An item with an id and a title, and what else is given. */
export function item(id: string, parts: Partial<CatalogItem> = {}): CatalogItem {
  return {
    id,
    title: `Title of ${id}`,
    creators: [],
    categories: [],
    description: "",
    properties: {},
    ...parts,
  };
}
