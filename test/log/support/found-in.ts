import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Which of these texts are in the files of a log. */
export async function foundIn(directory: string, texts: readonly string[]): Promise<string[]> {
  const files = ["log.db", "log.db-wal", "erasures.jsonl"].map((name) =>
    readFile(join(directory, name)).catch(() => Buffer.alloc(0)),
  );
  const onDisk = Buffer.concat(await Promise.all(files));
  return texts.filter((text) => onDisk.indexOf(text) !== -1);
}
