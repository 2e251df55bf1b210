import type { QueryValue } from "../columns/columns.ts";

/** A part of a query in SQL, with the values that stand for its `?`. */
export interface Fragment {
  readonly sql: string;
  readonly values: readonly QueryValue[];
}

/**
 * A part of a query: what is put into the template is another part, or a value,
 * of which numbers are whole. Values never become SQL.
 */
export function sql(
  texts: TemplateStringsArray,
  ...parts: readonly (Fragment | QueryValue)[]
): Fragment {
  let text = texts[0] ?? "";
  const values: QueryValue[] = [];
  for (const [index, part] of parts.entries()) {
    const fragment = isFragment(part) ? part : valueSql(part);
    text += fragment.sql + (texts[index + 1] ?? "");
    values.push(...fragment.values);
  }
  return { sql: text, values };
}

/** DuckDB would take a whole number for one of 128 bits, with which it counts slowly. */
function valueSql(value: QueryValue): Fragment {
  return { sql: typeof value === "number" ? "?::bigint" : "?", values: [value] };
}

/** SQL of our own making, as it is. */
export function raw(text: string): Fragment {
  return { sql: text, values: [] };
}

/** Parts with something between them. */
export function joined(parts: readonly Fragment[], separator: string): Fragment {
  return {
    sql: parts.map((part) => part.sql).join(separator),
    values: parts.flatMap((part) => part.values),
  };
}

function isFragment(part: Fragment | QueryValue): part is Fragment {
  return typeof part === "object" && part !== null;
}
