import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { GATHERING, RESTORING } from "../data-directory.ts";
import { lockDirectory } from "../storage/lock.ts";
import {
  ERASURES,
  readManifest,
  syncDirectory,
  verified,
  type Manifest,
  type ManifestFile,
} from "./backup-files.ts";
import { Failure, oneLine } from "./failure.ts";
import { count } from "./format.ts";
import type { GlobalOptions } from "./options.ts";
import { print } from "./output.ts";
import { Progress } from "./progress.ts";
import type { RestoreOptions } from "./restore.ts";

/** What a data directory has that belongs to the log and state in it: files, and those beside them. */
const DATA = /^(?:(?:log|state)\.db|columns)(?:[-.].*)?$|^models$|^backup\.tmp$/;

/**
 * Restores a backup into a data directory, and prints what is there now.
 *
 * @throws Failure if it could not be done. If that is because of the backup, or of
 * data that is there, nothing was touched.
 */
export async function runRestore(
  backup: string,
  { dataDir, replace = false }: Pick<RestoreOptions, "dataDir"> & { replace?: boolean },
  command: Command,
): Promise<void> {
  const manifest = await readManifest(backup);
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
  const done = { bytes: 0, text: "checking" };
  const progress = new Progress(backup, () => ({
    // Each byte is read twice.
    share: total === 0 ? 1 : done.bytes / (2 * total),
    text: done.text,
  }));
  try {
    for (const file of manifest.files) {
      for await (const chunk of verified(backup, file)) done.bytes += chunk.byteLength;
    }
    done.text = "copying";
    const unlock = lock(dataDir);
    try {
      await refuseData(dataDir, replace);
      await gather(backup, dataDir, manifest.files, (bytes) => (done.bytes += bytes));
      await replaceData(dataDir);
    } finally {
      unlock();
    }
  } finally {
    progress.stop();
  }
  const json = command.optsWithGlobals<GlobalOptions>().json === true;
  print(json ? JSON.stringify(manifest) : describe(dataDir, manifest));
}

function lock(dataDir: string): () => void {
  try {
    return lockDirectory(dataDir);
  } catch (error) {
    const reason = oneLine(error);
    throw new Failure(/in use/.test(reason) ? `${reason}: stop the server first` : reason);
  }
}

/** @throws Failure if there are data that are not to be replaced. */
async function refuseData(dataDir: string, replace: boolean): Promise<void> {
  const names = await readdir(dataDir);
  const found = names.find((name) => DATA.test(name)) ?? names.find((name) => name === RESTORING);
  if (found === undefined || replace) return;
  throw new Failure(
    names.includes(RESTORING)
      ? `a restore of ${dataDir} was interrupted: --replace does it again`
      : `${dataDir} has data, such as ${found}: --replace deletes them, and brings the backup back`,
  );
}

/** Copies a backup beside the data, complete and on disk. */
async function gather(
  backup: string,
  dataDir: string,
  files: readonly ManifestFile[],
  onBytes: (bytes: number) => void,
): Promise<void> {
  const directory = join(dataDir, GATHERING);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  for (const file of files) {
    const target = await open(join(directory, file.name), "wx");
    try {
      // Checked once more: it may have changed since.
      for await (const chunk of verified(backup, file)) {
        await target.writeFile(chunk);
        onBytes(chunk.byteLength);
      }
      await target.sync();
    } finally {
      await target.close();
    }
  }
  // Those that were asked for since the backup as well.
  const known = [...(await erasuresIn(dataDir)), ...(await erasuresIn(directory))];
  if (known.length > 0) {
    const lines = [...new Set(known)].map((line) => `${line}\n`);
    await writeFile(join(directory, ERASURES), lines.join(""), { flush: true });
  }
  await syncDirectory(directory);
}

/** The erasures that a directory knows, one on each line. */
async function erasuresIn(directory: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(join(directory, ERASURES), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  // What does not end with its line was cut off by a crash, before the erasure began.
  return text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line !== "");
}

/**
 * Puts what was gathered into place. While {@link RESTORING} is there, no server
 * starts: so a crash leaves nothing that would be used half restored.
 */
async function replaceData(dataDir: string): Promise<void> {
  const gathered = join(dataDir, GATHERING);
  await writeFile(join(dataDir, RESTORING), "", { flush: true });
  await syncDirectory(dataDir);
  const names = await readdir(gathered);
  // Before that is there again which they are about.
  if (names.includes(ERASURES)) await rename(join(gathered, ERASURES), join(dataDir, ERASURES));
  for (const name of await readdir(dataDir)) {
    if (DATA.test(name)) await rm(join(dataDir, name), { recursive: true });
  }
  await syncDirectory(dataDir);
  for (const name of names) {
    if (name !== ERASURES) await rename(join(gathered, name), join(dataDir, name));
  }
  await rm(gathered, { recursive: true });
  await syncDirectory(dataDir);
  await rm(join(dataDir, RESTORING));
  await syncDirectory(dataDir);
}

function describe(dataDir: string, { create_time: time, position }: Manifest): string {
  return `restored to ${dataDir}: all up to position ${count(position)}, of ${time}`;
}
