/** What an error of DuckDB says about the file. */

/** Whether what hinders an open passes by itself, or by other means than a new file. */
export function passes(error: unknown): boolean {
  return /no space|too many open files|set lock|permission denied|cannot open file|memory/i.test(
    String(error),
  );
}

/** Whether the file is damaged: it has to be made again. */
export function isDamage(error: unknown): boolean {
  return /corrupt|checksum|read enough|serializ|valid duckdb|magic bytes/i.test(String(error));
}

/** Whether DuckDB has given up the file after an error: it has to be opened again. */
export function isInvalidated(error: unknown): boolean {
  return /database has been invalidated/i.test(String(error));
}
