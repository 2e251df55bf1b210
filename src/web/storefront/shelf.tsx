import { useEffect, useRef } from "preact/hooks";
import {
  ShelfKind,
  ShelfStatus,
  type Shelf,
} from "../../../gen/marketplace/v1/marketplace_service_pb.js";
import { shiftsInARow } from "../covers/looks.ts";
import { CardSkeletons, ItemCard, type CardItem } from "./item-card.tsx";
import { outcomes } from "./marquee.ts";
import { hrefOf } from "./router.ts";
import { categoryName } from "./words.ts";

/** An item, and why it is there. */
interface ShelfEntry {
  readonly item: CardItem;
  readonly reason?: string;
}

/** A shelf of the server's; nothing if it has nothing to show, and nothing went wrong. */
export function StorefrontShelf({
  shelf,
  recommendationId,
  again,
}: {
  shelf: Shelf;
  recommendationId: string;
  again: () => void;
}) {
  const entries = shelf.items.flatMap(({ item, reason }) => (item ? [{ item, reason }] : []));
  const isUnavailable = shelf.status === ShelfStatus.UNAVAILABLE;
  if (entries.length === 0 && !isUnavailable) return null;
  const isRecommended = shelf.kind === ShelfKind.RECOMMENDED;
  return (
    <section class="shelf" data-kind={ShelfKind[shelf.kind]?.toLowerCase()}>
      <ShelfHead shelf={shelf} />
      {isUnavailable && (
        <p class="shelf-note" role="status">
          This shelf cannot be filled right now.{" "}
          <button type="button" class="button" onClick={again}>
            Try again
          </button>
        </p>
      )}
      {shelf.status === ShelfStatus.DEGRADED && (
        <p class="muted shelf-note">Simpler than usual: a part of the server is not answering.</p>
      )}
      {entries.length > 0 && (
        <Row entries={entries} recommendationId={isRecommended ? recommendationId : ""} />
      )}
    </section>
  );
}

function ShelfHead({ shelf }: { shelf: Shelf }) {
  if (shelf.kind === ShelfKind.CATEGORY) {
    const { category } = shelf;
    return (
      <h2>
        <a href={hrefOf({ page: "category", category })}>{categoryName(category)}</a>
      </h2>
    );
  }
  const names: Partial<Record<ShelfKind, string>> = {
    [ShelfKind.RECOMMENDED]: "For you",
    [ShelfKind.RECENTLY_VIEWED]: "Recently viewed",
    [ShelfKind.TRENDING]: "Trending now",
  };
  return <h2>{names[shelf.kind] ?? "More"}</h2>;
}

/** Items side by side, which scroll where there is no room for all. */
export function Row({
  entries,
  recommendationId = "",
}: {
  entries: readonly ShelfEntry[];
  /** Of items that were recommended: what the server is told of them by. */
  recommendationId?: string;
}) {
  const row = useRef<HTMLUListElement>(null);
  const ids = JSON.stringify(entries.map(({ item }) => item.id));
  useEffect(() => {
    if (recommendationId === "" || row.current === null) return undefined;
    const observer = new IntersectionObserver(
      (changes) => {
        for (const { isIntersecting, target } of changes) {
          if (!isIntersecting) continue;
          observer.unobserve(target);
          outcomes.seen(recommendationId, (target as HTMLElement).dataset["id"] ?? "");
        }
      },
      { threshold: 0.5 },
    );
    for (const element of row.current.children) observer.observe(element);
    return () => observer.disconnect();
  }, [recommendationId, ids]);
  const shifts = shiftsInARow(entries.map(({ item }) => item));
  return (
    <ul class="row" ref={row}>
      {entries.map(({ item, reason }, at) => (
        <li key={item.id} data-id={item.id}>
          <ItemCard
            item={item}
            reason={reason}
            shift={shifts[at]}
            onOpen={() => outcomes.clicked(recommendationId, item.id)}
          />
        </li>
      ))}
    </ul>
  );
}

/** Where a shelf will be. */
export function ShelfSkeleton() {
  return (
    <section class="shelf" aria-hidden="true">
      <h2>
        <span class="skeleton-line" />
      </h2>
      <ul class="row">
        <CardSkeletons count={8} />
      </ul>
    </section>
  );
}
