import { sql } from "kysely";
import type { StateDatabase } from "../storage/state.ts";
import { wordsOf } from "../storage/words.ts";
import type { CatalogItem, SearchOptions } from "./catalog.ts";
import { itemColumns, itemOf, type ItemRow } from "./item-row.ts";

/**
 * What a match weighs in each column of the index: title, creators, categories,
 * description. Triggers keep the index up with the items, in the same
 * transaction; the migration that creates it has them.
 */
const WEIGHTS = sql.raw("10, 4, 2, 1");

/**
 * The items that match, best first, then by id. It ranks all matches to find
 * the best: that takes time in proportion to their number, in the thread of the
 * database.
 */
export async function searchItems(
  db: StateDatabase,
  project: number,
  { query, category, offset, limit }: SearchOptions,
): Promise<CatalogItem[]> {
  const expression = matchExpression(query);
  if (expression === undefined) return [];
  // Only ids are sorted: the items themselves can be large.
  const { rows } = await sql<ItemRow>`
    with found as (
      select number.item_id as id, bm25(item_search, ${WEIGHTS}) as score
      from item_search cross join item_number as number on number.number = item_search.rowid
      where item_search match ${expression}
        and number.project = ${project}
        and (${category} = '' or exists (
          select 1 from item_category
          where project = ${project} and category = ${category} and item_id = number.item_id
        ))
      order by score, id
      limit ${limit} offset ${offset}
    )
    select ${sql.join(itemColumns.map((column) => sql.ref(`item.${column}`)))}
    from found cross join item on item.project = ${project} and item.id = found.id
    order by found.score, found.id
  `.execute(db);
  return rows.map(itemOf);
}

/**
 * The query in the language of the index: every word must be there, and the
 * last may be only begun. Words stand in quotes, so that none is an operator.
 * Undefined for a query without words.
 */
function matchExpression(query: string): string | undefined {
  const words = wordsOf(query);
  const last = words.pop();
  if (last === undefined) return undefined;
  // Each word costs time: one that is repeated counts once.
  const whole = [...new Set(words)].map((word) => `"${word}" AND `);
  return `${whole.join("")}"${last}" *`;
}
