import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ItemSchema, type Item } from "../../gen/catalog/v1/item_pb.js";
import {
  ShelfStatus,
  type ShelfItemSchema,
  type ShelfKind,
  type ShelfSchema,
} from "../../gen/marketplace/v1/marketplace_service_pb.js";
import type { Answer } from "./asker.ts";

/** An item that is to stand on a shelf, as the service named it that chose it. */
export interface Choice {
  readonly id: string;
  readonly title: string;
  readonly reason?: string;
  /** What the catalog says, where it is known already. */
  readonly item?: Item;
}

/** A shelf whose items are not looked up yet. */
export interface Plan {
  readonly kind: ShelfKind;
  readonly category: string;
  readonly status: ShelfStatus;
  readonly choices: readonly Choice[];
}

/** A shelf of what a service chose: unavailable if it did not answer. */
export function planOf(kind: ShelfKind, choices: Answer<readonly Choice[]>): Plan {
  const status = choices === undefined ? ShelfStatus.UNAVAILABLE : ShelfStatus.OK;
  return { kind, category: "", status, choices: choices ?? [] };
}

/** What the catalog says of items, as far as it was asked. */
export class KnownItems {
  readonly #items = new Map<string, Item>();

  add(items: Answer<readonly Item[]>): void {
    for (const item of items ?? []) this.#items.set(item.id, item);
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** The ids of choices of which nothing is known, each once, at most 1,000. */
  missing(plans: readonly Plan[]): string[] {
    const ids = plans.flatMap(({ choices }) => choices.map(({ id }) => id));
    return [...new Set(ids)].filter((id) => !this.#items.has(id)).slice(0, 1_000);
  }
}

/** The shelf as it is answered. */
export function shelfOf(plan: Plan, known: KnownItems): MessageInitShape<typeof ShelfSchema> {
  const { choices, ...shelf } = plan;
  return {
    ...shelf,
    items: choices.map((choice): MessageInitShape<typeof ShelfItemSchema> => ({
      item:
        choice.item ??
        known.get(choice.id) ??
        create(ItemSchema, { id: choice.id, title: choice.title }),
      reason: choice.reason ?? "",
    })),
  };
}
