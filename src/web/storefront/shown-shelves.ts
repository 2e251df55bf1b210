import { ShelfKind, type Shelf } from "../../../gen/marketplace/v1/marketplace_service_pb.js";

/**
 * The shelves that are shown of those that there are: to somebody who is not
 * known yet, what trends is recommended, and need not be there twice.
 */
export function shownShelves(shelves: readonly Shelf[]): Shelf[] {
  const recommended = shelves.find(({ kind }) => kind === ShelfKind.RECOMMENDED);
  if (recommended === undefined || recommended.items.length === 0) return [...shelves];
  const ids = idsOf(recommended);
  return shelves.filter((shelf) => shelf.kind !== ShelfKind.TRENDING || idsOf(shelf) !== ids);
}

function idsOf({ items }: Shelf): string {
  return JSON.stringify(items.map(({ item }) => item?.id));
}
