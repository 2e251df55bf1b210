import type { Items } from "./items.ts";
import { Kind } from "./signals.ts";
import { TopN } from "./top-n.ts";
import type { Interaction, ViewerHistory } from "./viewer-history.ts";

/** Which interactions to list; see the contract. */
export interface InteractionsWanted {
  readonly user: string;
  /** The id of the item; "" for any. */
  readonly item: string;
  /** As in FeedbackKind; none for all. */
  readonly kinds: readonly number[];
  readonly limit: number;
}

/** What a user did with an item. */
export interface UserInteraction {
  readonly itemId: string;
  /** "" for what the catalog does not have. */
  readonly title: string;
  /** As in FeedbackKind. */
  readonly kind: number;
  /** Of a rating the rating, else 0. */
  readonly value: number;
  /** In milliseconds since 1970. */
  readonly time: number;
}

/** The latest interactions of a history that are wanted, latest first. */
export function latestInteractions(
  items: Items,
  history: ViewerHistory | undefined,
  { item, kinds, limit }: InteractionsWanted,
): UserInteraction[] {
  const only = item === "" ? undefined : items.indexOf(item);
  if (history === undefined || (item !== "" && only === undefined)) return [];
  const found: Interaction[] = [];
  const latest = new TopN(limit);
  for (const one of history.interactions()) {
    const index = items.indexOfVideo(one.video);
    if (index < 0 || (only !== undefined && index !== only)) continue;
    if (kinds.length > 0 && !kinds.includes(toldKind(one.kind))) continue;
    latest.push(found.length, one.time);
    found.push(one);
  }
  return latest.takeIds().map((place): UserInteraction => {
    const { video, kind, value, time } = found[place] as Interaction;
    const index = items.indexOfVideo(video);
    return {
      itemId: items.id(index),
      title: items.title(index),
      kind: toldKind(kind),
      value: kind === Kind.RATING ? value : 0,
      time,
    };
  });
}

/** To whom asks, a view is a view, whoever counted it. */
function toldKind(kind: number): number {
  return kind === Kind.COUNTED_VIEW ? Kind.VIEW : kind;
}
