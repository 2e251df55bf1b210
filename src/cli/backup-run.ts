import { createHash, type Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import type { BackupFile, BackupSummary } from "../../gen/admin/v1/admin_service_pb.js";
import {
  FORMAT_VERSION,
  KNOWN,
  MANIFEST,
  syncDirectory,
  type Manifest,
  type ManifestFile,
} from "./backup-files.ts";
import { Failure } from "./failure.ts";
import { count } from "./format.ts";
import { print } from "./output.ts";
import { Progress } from "./progress.ts";
import { withServer } from "./session.ts";
import { interruptible } from "./stop-signal.ts";

const MEBIBYTE = 1_048_576;

/**
 * Writes a backup into a new directory, and prints what it is.
 *
 * @throws Failure if it could not be done; then there is no such directory.
 */
export async function runBackup(target: string, command: Command): Promise<void> {
  const directory = resolve(target);
  if (existsSync(directory)) {
    throw new Failure(`${target} is there already: name a new directory`);
  }
  const partial = `${directory}.partial`;
  await interruptible((signal) =>
    withServer(command, {}, async ({ client, options }) => {
      await removePartial(partial);
      await mkdir(partial, { recursive: true });
      const writer = new BackupWriter(partial);
      const progress = new Progress(target, () => writer.state());
      try {
        for await (const { part } of client.admin.streamBackup({}, { signal })) {
          if (part.case === "file") await writer.begin(part.value);
          else if (part.case === "data") await writer.add(part.value);
          else if (part.case === "summary") await writer.conclude(part.value);
          signal.throwIfAborted();
        }
        const manifest = writer.complete();
        await rename(partial, directory);
        await syncDirectory(dirname(directory));
        progress.stop();
        print(options.json === true ? JSON.stringify(manifest) : describe(target, manifest));
      } catch (error) {
        await writer.close();
        await removePartial(partial);
        throw error;
      } finally {
        progress.stop();
      }
    }),
  );
}

/** Removes what an earlier backup has left, and nothing else. */
async function removePartial(partial: string): Promise<void> {
  if (!existsSync(partial)) return;
  const others = (await readdir(partial)).filter((name) => ![...KNOWN, MANIFEST].includes(name));
  if (others.length > 0) {
    throw new Failure(`${partial} is in the way, and has ${others[0]} in it: move it away`);
  }
  await rm(partial, { recursive: true });
}

function describe(target: string, { files, position }: Manifest): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return `backed up to ${target}: ${mebibytes(bytes)}, up to position ${count(position)}`;
}

function mebibytes(bytes: number): string {
  return `${count(Math.ceil(bytes / MEBIBYTE))} MiB`;
}

/** Writes what the server sends, and checks that it is complete. */
class BackupWriter {
  readonly #directory: string;
  readonly #files: ManifestFile[] = [];
  #current:
    | { readonly file: ManifestFile; readonly handle: FileHandle; readonly hash: Hash }
    | undefined;
  #currentBytes = 0;
  #bytes = 0;
  #manifest: Manifest | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async begin({ name, size, sha256 }: BackupFile): Promise<void> {
    await this.#end();
    // A name is no path, whatever answers.
    if (!KNOWN.includes(name)) {
      throw new Failure(`the server sent a file ${JSON.stringify(name)}: is it another Marquee?`);
    }
    const file = { name, size: Number(size), sha256: Buffer.from(sha256).toString("hex") };
    const handle = await open(join(this.#directory, name), "wx");
    this.#current = { file, handle, hash: createHash("sha256") };
    this.#currentBytes = 0;
  }

  async add(data: Uint8Array): Promise<void> {
    if (this.#current === undefined) throw new Failure("the server sent bytes of no file");
    this.#current.hash.update(data);
    await this.#current.handle.writeFile(data);
    this.#currentBytes += data.byteLength;
    this.#bytes += data.byteLength;
  }

  async conclude({ createTime, logId, position }: BackupSummary): Promise<void> {
    await this.#end();
    this.#manifest = {
      format_version: FORMAT_VERSION,
      create_time: new Date(createTime === undefined ? 0 : timestampMs(createTime)).toISOString(),
      log_id: logId,
      position: Number(position),
      files: this.#files,
    };
    const path = join(this.#directory, MANIFEST);
    const text = `${JSON.stringify(this.#manifest, undefined, 2)}\n`;
    await writeFile(path, text, { flag: "wx", flush: true });
    await syncDirectory(this.#directory);
  }

  /** @throws Failure if the stream ended before it was complete. */
  complete(): Manifest {
    if (this.#manifest !== undefined) return this.#manifest;
    throw new Failure("the server ended the stream before the backup was complete: try again");
  }

  /** How far the file is that comes now: how many there will be is not known. */
  state(): { share: number; text: string } {
    const { name = "", size = 0 } = this.#current?.file ?? {};
    if (name === "") return { share: 0, text: "the server is copying" };
    return {
      share: size === 0 ? 1 : this.#currentBytes / size,
      text: `${name}, ${mebibytes(this.#bytes)}`,
    };
  }

  /** Lets go of the file at hand. */
  async close(): Promise<void> {
    await this.#current?.handle.close();
    this.#current = undefined;
  }

  async #end(): Promise<void> {
    if (this.#current === undefined) return;
    const { file, handle, hash } = this.#current;
    if (this.#currentBytes !== file.size || hash.digest("hex") !== file.sha256) {
      throw new Failure(`${file.name} did not arrive as it was sent: try again`);
    }
    await handle.sync();
    await this.close();
    this.#files.push(file);
  }
}
