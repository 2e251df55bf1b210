import type { Item } from "../../gen/catalog/v1/item_pb.js";
import type { Caller } from "../caller.ts";
import type { Catalog } from "./catalog.ts";
import { itemViolations } from "./rules.ts";

/** Why an item was left out. */
interface Rejection {
  /** Which item, counted from 0 over all batches. */
  readonly index: number;
  /** The path of the field at fault, such as "categories[2]". */
  readonly field: string;
  /** What would be right. */
  readonly reason: string;
}

/** What became of the items of an import. */
export interface ImportOutcome {
  created: number;
  updated: number;
  unchanged: number;
  /** How many items were left out. */
  rejectedCount: number;
  /** The first 1,000 reasons for it; an item can have several. */
  readonly rejected: Rejection[];
}

const MAX_REJECTED = 1_000;
/** Paths and reasons can quote what was sent, at any length. */
const MAX_QUOTED = 256;

/**
 * Stores batch after batch, the items of each together or not at all, and asks
 * for the next one only then. Items that break their bounds are left out. Of
 * two items of a batch with the same id, the later is stored, and the earlier
 * counts as nothing: neither as new, nor as replaced, nor as left out.
 *
 * When the batches fail, or the caller is gone, it fails with that; what was
 * stored before stays.
 */
export async function importItems(
  caller: Caller,
  catalog: Catalog,
  batches: AsyncIterable<{ readonly items: readonly Item[] }>,
): Promise<ImportOutcome> {
  const outcome: ImportOutcome = {
    created: 0,
    updated: 0,
    unchanged: 0,
    rejectedCount: 0,
    rejected: [],
  };
  let index = 0;
  for await (const { items } of batches) {
    caller.signal.throwIfAborted();
    const valid = new Map<string, Item>();
    for (const item of items) {
      if (!rejects(item, index++, outcome)) valid.set(item.id, item);
    }
    if (valid.size === 0) continue;
    const { created, updated, unchanged } = await catalog.upsert(caller, [...valid.values()]);
    outcome.created += created;
    outcome.updated += updated;
    outcome.unchanged += unchanged;
  }
  return outcome;
}

/** Whether an item breaks its bounds; notes down how. */
function rejects(item: Item, index: number, outcome: ImportOutcome): boolean {
  const violations = itemViolations(item);
  if (violations.length === 0) return false;
  outcome.rejectedCount++;
  for (const { field, description } of violations.slice(
    0,
    MAX_REJECTED - outcome.rejected.length,
  )) {
    outcome.rejected.push({ index, field: quoted(field), reason: quoted(description) });
  }
  return true;
}

function quoted(text: string): string {
  // The end may be half of a character, which no message can carry.
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED - 1).toWellFormed()}…`;
}
