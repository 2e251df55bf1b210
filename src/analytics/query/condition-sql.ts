import { joined, raw, sql, type Fragment } from "./fragment.ts";
import type { Condition, TextDimension, ViewDimension } from "../columns/view-query.ts";

/** Whether a question asks for the hosts of referrers, which {@link viewsWithHosts} has. */
export function asksForHosts(
  dimensions: readonly ViewDimension[],
  conditions: readonly Condition[],
): boolean {
  return (
    dimensions.some(({ kind }) => kind === "referrerHost") || conditions.some(conditionAsksForHosts)
  );
}

function conditionAsksForHosts(condition: Condition): boolean {
  if ("allOf" in condition) return condition.allOf.some(conditionAsksForHosts);
  if ("anyOf" in condition) return condition.anyOf.some(conditionAsksForHosts);
  if ("not" in condition) return conditionAsksForHosts(condition.not);
  return "of" in condition && condition.of.kind === "referrerHost";
}

/**
 * The table of views with the host of each referrer. Hosts are found once for
 * each referrer: of every view it would take ten times as long.
 *
 * @param where which views are needed.
 */
export function viewsWithHosts(where: Fragment): Fragment {
  // Most referrers are plain; the pattern for all others is slow.
  const plain = ["?", "#", "@", ":", "["]
    .map((character) => `not contains(authority, '${character}')`)
    .join(" and ");
  return sql`(from view left join (
    select referrer, case
      when (starts_with(referrer, 'https://') or starts_with(referrer, 'http://')) and ${raw(plain)}
      then regexp_replace(lower(authority), '^www\\.', '')
      else regexp_extract(lower(referrer), ${HOST}, 1)
    end as host
    from (select referrer, split_part(referrer, '/', 3) as authority from view where ${where} group by referrer)
  ) using (referrer))`;
}

/** After a scheme and maybe a user, and before a port: the host, which may be an IPv6 address. */
const HOST = String.raw`^[a-z][a-z0-9+.-]*://(?:[^/?#]*@)?(?:www\.)?(\[[^\]/?#]*\]|[^:/?#]*)`;

/** The value that a view has of a dimension; never null. */
export function valueSql(dimension: ViewDimension): Fragment {
  return dimension.kind === "video" ? raw("video") : sql`coalesce(${textSql(dimension)}, '')`;
}

/** The text that a view has of a dimension; null or "" for none. */
export function textSql(dimension: TextDimension): Fragment {
  switch (dimension.kind) {
    case "country":
    case "device":
    case "referrer":
      return raw(dimension.kind);
    case "referrerHost":
      return raw("host");
    case "property": {
      // A JSON pointer, which can have any name in it.
      const pointer = `/${dimension.name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      return sql`json_extract_string(properties, ${pointer})`;
    }
  }
}

/** A condition in SQL: true or false of every view, and never null, so that its opposite is right too. */
export function conditionSql(condition: Condition): Fragment {
  if ("allOf" in condition) {
    return sql`(${joined(condition.allOf.map(conditionSql), " and ")})`;
  }
  if ("anyOf" in condition) {
    return sql`(${joined(condition.anyOf.map(conditionSql), " or ")})`;
  }
  if ("not" in condition) return sql`(not ${conditionSql(condition.not)})`;
  if ("videos" in condition) return isOneOf(raw("video"), condition.videos, "integer");
  const [value, ...others] = "in" in condition ? condition.in : [];
  if (value !== undefined && value !== "" && others.length === 0 && isColumn(condition.of)) {
    // Which is compared where it is stored, once for each different value.
    return sql`(${raw(condition.of.kind)} is not distinct from ${value})`;
  }
  return "in" in condition
    ? isOneOf(valueSql(condition.of), condition.in, "varchar")
    : startsWith(condition.of, condition.prefix);
}

/** Whether a dimension is a column of its own, which has null for "". */
function isColumn({ kind }: TextDimension): boolean {
  return kind === "country" || kind === "device" || kind === "referrer";
}

/** From so many values on, a list is a table to join with: comparing with each takes longer. */
const LONG = 50;

function isOneOf(
  value: Fragment,
  list: readonly (string | number)[],
  type: "integer" | "varchar",
): Fragment {
  if (list.length === 0) return raw("false");
  if (list.length < LONG) {
    return sql`(${value} in (${joined(
      list.map((one) => sql`${one}`),
      ", ",
    )}))`;
  }
  return sql`(${value} in (select unnest(from_json(${JSON.stringify(list)}, ${raw(`'["${type}"]'`)}))))`;
}

function startsWith(dimension: TextDimension, prefix: string): Fragment {
  return sql`starts_with(${valueSql(dimension)}, ${prefix})`;
}
