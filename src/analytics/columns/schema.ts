/** The tables of the columns. What differs from them is made again from the log. */

/** Told apart where columns stay the same and their meaning changes. */
export const SCHEMA_VERSION = 3;

type Column = readonly [name: string, type: string, nullable?: "null"];

/**
 * A row is what one entry adds: a VIEW, or an EXTEND, which has no views, and the
 * time, country, device, referrer and properties of its view.
 */
const view: readonly Column[] = [
  ["project", "INTEGER"],
  ["video", "INTEGER"],
  // Null is nobody in particular, or a bot: not counted as a viewer.
  ["viewer", "INTEGER", "null"],
  // Milliseconds since 1970.
  ["time", "BIGINT"],
  // 1 for a view by a person, else 0.
  ["views", "TINYINT"],
  // 1 for a view by a bot, else 0.
  ["bot_views", "TINYINT"],
  // Not of bots.
  ["watch_ms", "BIGINT"],
  // How far it got, in thousandths; null of bots, and where that is not known or has not changed.
  ["progress", "SMALLINT", "null"],
  // Of an extension with a progress, the one before; null where that was not known.
  ["progress_before", "SMALLINT", "null"],
  ["country", "VARCHAR", "null"],
  ["device", "VARCHAR", "null"],
  ["referrer", "VARCHAR", "null"],
  // A JSON object of texts.
  ["properties", "VARCHAR", "null"],
  // Of a bot, whose view it said it was: to be erased, never counted.
  ["bot_viewer", "INTEGER", "null"],
];

/** The log that all of this was made from, and how far: one row. */
const projected: readonly Column[] = [
  ["log_id", "VARCHAR"],
  ["version", "INTEGER"],
  ["position", "BIGINT"],
  // How many rows were trimmed that are in the file all the same.
  ["trimmed", "BIGINT"],
  // Whether there are bytes of erased rows in the file.
  ["erased", "BOOLEAN"],
  // How many rows were clustered when the file was written: see compaction.ts.
  ["clustered", "BIGINT"],
];

const tables: Readonly<Record<string, readonly Column[]>> = { view, projected };

/** What makes the tables in a catalog. */
export function createTables(catalog: string): string {
  return Object.entries(tables)
    .map(([table, columns]) => {
      const definitions = columns.map(
        ([name, type, nullable]) => `${name} ${type} ${nullable ?? "not null"}`,
      );
      return `create table ${catalog}.${table} (${definitions.join(", ")});`;
    })
    .join("\n");
}

/** Tells what tables there are, in one column: {@link expectedTables}, if they are these. */
export const readTables = `
  select table_name || '.' || column_name || ' ' || data_type
    || case when is_nullable then ' null' else '' end as definition
  from duckdb_columns() where database_name = current_database() and not internal
  order by table_name, column_index`;

export const expectedTables: readonly string[] = Object.entries(tables)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .flatMap(([table, columns]) =>
    columns.map(([name, type, nullable]) => `${table}.${name} ${type}${nullable ? " null" : ""}`),
  );
