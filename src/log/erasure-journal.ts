import { createHash, randomUUID } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Who was erased, in a file beside the log that is only ever added to:
 * erasures.jsonl. An older log that is put back in the place of a newer one
 * finds there whom it must erase again. Viewers stand there as digests, so that
 * the file does not tell who they were.
 */

/** A line of the file. */
export interface ErasureLine {
  /** What tells this line from all others. */
  readonly id: string;
  /** Of log, project and viewer: {@link erasureDigest}. */
  readonly digest: string;
}

/** What stands in the file for a viewer: 64 hexadecimal digits. */
export function erasureDigest(logId: string, project: number, viewer: string): string {
  return createHash("sha256")
    .update(JSON.stringify([logId, project, viewer]))
    .digest("hex");
}

/** The lines of the file; none if there is no file. What is no line of ours is passed over. */
export function readErasures(file: string): ErasureLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").flatMap(parsed);
}

/** A new line for a viewer. */
export function erasureLine(digest: string): ErasureLine {
  return { id: randomUUID(), digest };
}

/**
 * Adds a line, which is on disk when this returns; when it throws, it may be
 * there, too. `position` is that of the log, for who looks into the file.
 */
export function addErasure(file: string, { id, digest }: ErasureLine, position: number): void {
  const line = { id, position, digest };
  const isNew = !existsSync(file);
  const fd = openSync(file, "a", 0o600);
  try {
    // The line begins with its own end: one before it may have been cut off by a crash.
    const bytes = Buffer.from(`\n${JSON.stringify(line)}\n`);
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (isNew) syncDirectory(dirname(file));
}

/** Makes sure that a new file in a directory is found after a crash. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function parsed(text: string): ErasureLine[] {
  try {
    const line = JSON.parse(text) as Partial<ErasureLine> | null;
    return typeof line?.id === "string" && typeof line.digest === "string"
      ? [{ id: line.id, digest: line.digest }]
      : [];
  } catch {
    return [];
  }
}
