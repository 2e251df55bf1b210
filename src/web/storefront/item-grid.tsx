import { shiftsInARow } from "../covers/looks.ts";
import { CardSkeletons, ItemCard, type CardItem } from "./item-card.tsx";
import { More } from "./parts.tsx";
import type { Pages } from "./use-pages.ts";

/** A list of items that is read page by page, as rows of covers. */
export function ItemGrid({
  pages,
  what,
}: {
  pages: Pages<CardItem>;
  /** What the items are together, such as "results". */
  what: string;
}) {
  const { items = [], isLoading } = pages;
  const shifts = shiftsInARow(items);
  return (
    <>
      <ul class="grid" aria-busy={isLoading}>
        {items.map((item, at) => (
          <li key={item.id}>
            <ItemCard item={item} shift={shifts[at]} />
          </li>
        ))}
        {items.length === 0 && isLoading && <CardSkeletons count={12} />}
      </ul>
      <More pages={pages} what={what} hasSome={items.length > 0} />
    </>
  );
}
