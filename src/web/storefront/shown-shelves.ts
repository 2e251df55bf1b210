import { ShelfKind, type Shelf } from "../../../gen/marketplace/v1/marketplace_service_pb.js";

/**
 * The shelves that are worth showing: what trends is recommended to a stranger,
 * too, and need not stand there twice.
 */
export function shownShelves(shelves: readonly Shelf[]): readonly Shelf[] {
  const recommended = shelves.find(({ kind }) => kind === ShelfKind.RECOMMENDED);
  const ids = new Set(recommended?.items.map(({ item }) => item?.id));
  return shelves.filter(
    ({ kind, items }) =>
      kind !== ShelfKind.TRENDING ||
      items.length === 0 ||
      items.some(({ item }) => !ids.has(item?.id)),
  );
}
