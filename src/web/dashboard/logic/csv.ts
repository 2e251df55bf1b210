/** What a cell may have. Nothing is an empty cell. */
export type Cell = string | number | undefined;

/**
 * Writes a table as RFC 4180 has it, the names of its columns first. Texts that
 * a spreadsheet would take for a formula begin with an apostrophe, because
 * whoever logs a view chooses them.
 */
export function csv(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [columns.map(field).join(",")];
  for (const row of rows) lines.push(row.map(field).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function field(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[\s]*[=+\-@|\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A moment as ISO 8601 has it, in UTC; midnight of a day with its time, too. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}
