import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Failure, oneLine } from "./failure.ts";

/** The file of a backup that says what is in it. */
export const MANIFEST = "manifest.json";
/** What `marquee backup` writes, and `marquee restore` can read. */
export const FORMAT_VERSION = 1;

/** The files that a backup must have, and those that it may have. */
const REQUIRED = ["log.db", "state.db"];
export const ERASURES = "erasures.jsonl";
export const KNOWN = [...REQUIRED, ERASURES];

const manifestForm = z.object({
  format_version: z.literal(FORMAT_VERSION, {
    error: `its format_version is not ${FORMAT_VERSION}: it was made by another version of Marquee`,
  }),
  create_time: z.iso.datetime(),
  log_id: z.string().min(1),
  position: z.int().min(0),
  files: z.array(
    z.object({
      name: z.enum(KNOWN),
      size: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** What a backup is. */
export type Manifest = z.infer<typeof manifestForm>;
export type ManifestFile = Manifest["files"][number];

/**
 * Reads the manifest of a backup.
 *
 * @throws Failure if there is none, or it is not as it was written.
 */
export async function readManifest(directory: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    const text = await readFile(join(directory, MANIFEST), "utf8");
    manifest = manifestForm.parse(JSON.parse(text));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new Failure(`${directory} is no backup: there is no ${MANIFEST} in it`);
    }
    const reason = error instanceof z.ZodError ? (error.issues[0]?.message ?? "") : oneLine(error);
    throw new Failure(`${join(directory, MANIFEST)} cannot be used: ${reason}`);
  }
  const names = new Set(manifest.files.map(({ name }) => name));
  const missing = REQUIRED.filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw new Failure(`${join(directory, MANIFEST)} cannot be used: it names no ${missing[0]}`);
  }
  return manifest;
}

/**
 * Reads a file of a backup, part by part.
 *
 * @throws Failure at the end, or before, if it is not what the manifest says.
 */
export async function* verified(
  directory: string,
  { name, size, sha256 }: ManifestFile,
): AsyncGenerator<Buffer> {
  const path = join(directory, name);
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).byteLength;
      yield chunk as Buffer;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(code === "ENOENT" ? `${path} is missing` : `${path}: ${oneLine(error)}`);
  }
  if (bytes !== size) throw new Failure(`${path} is damaged: it has ${bytes} bytes, not ${size}`);
  if (hash.digest("hex") !== sha256) {
    throw new Failure(`${path} is damaged: its SHA-256 is not that of the manifest`);
  }
}

/** Waits until what was done to the names in a directory is on disk. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  await handle.sync();
  await handle.close();
}
