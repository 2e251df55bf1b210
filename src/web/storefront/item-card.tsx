import type { Item } from "../../../gen/catalog/v1/item_pb.js";
import { Cover } from "../covers/cover.tsx";
import { hrefOf } from "./router.ts";
import { listOfNames } from "./words.ts";

/** What a card shows of an item. */
export type CardItem = Pick<Item, "id" | "title" | "creators" | "categories">;

/** An item as it stands on a shelf: its cover, and what it is. */
export function ItemCard({
  item,
  reason = "",
  shift = 0,
  onOpen,
}: {
  item: CardItem;
  /** Why it is there; "" for nothing. */
  reason?: string | undefined;
  /** See {@link Cover}. */
  shift?: number | undefined;
  onOpen?: (() => void) | undefined;
}) {
  return (
    <>
      <a class="item" href={hrefOf({ page: "item", id: item.id })} onClick={onOpen}>
        <Cover item={item} shift={shift} />
        <span class="item-title">{item.title === "" ? item.id : item.title}</span>
        {item.creators.length > 0 && (
          <span class="item-creators">{listOfNames(item.creators)}</span>
        )}
      </a>
      {reason !== "" && <p class="item-reason">{reason}</p>}
    </>
  );
}

/** Where items will be, as large as they will be. */
export function CardSkeletons({ count }: { count: number }) {
  return Array.from({ length: count }, (_, at) => (
    <li key={at} class="skeleton" aria-hidden="true">
      <div class="cover" />
      <span class="bar" />
      <span class="bar short" />
    </li>
  ));
}
