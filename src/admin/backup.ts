import { constants } from "node:fs";
import { copyFile, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Caller } from "../caller.ts";
import { DomainError, serverStopping, unavailable } from "../errors.ts";
import type { Log } from "../log/log.ts";
import { stateFile } from "../storage/copy.ts";
import { Thread } from "../thread.ts";
import type { BackupApi, Digest } from "./backup-thread.ts";

/** Where a backup is gathered, in the data directory: nothing there outlives it. */
const TEMPORARY = "backup.tmp";
/** The names of the files of a backup. */
const LOG = "log.db";
const STATE = "state.db";
const ERASURES = "erasures.jsonl";

/** How many bytes go at once. The contract allows four times as many. */
const CHUNK_BYTES = 256 * 1_024;
/** When to come again, of a disk that is full: milliseconds. */
const FAILED_MS = 60_000;

export interface BackupOptions {
  readonly log: Log;
  /** The data directory. */
  readonly directory: string;
}

/** The next part of a backup; see the contract. */
export type BackupPart =
  | { readonly file: { readonly name: string } & Digest }
  | { readonly data: Uint8Array<ArrayBuffer> }
  | { readonly summary: BackupSummary };

interface BackupSummary {
  /** Milliseconds since 1970. */
  readonly createTime: number;
  readonly logId: string;
  readonly position: number;
}

/** Makes backups of a server that goes on: one at a time, for each is a copy on its disk. */
export class Backups {
  readonly #options: BackupOptions;
  readonly #temporary: string;
  readonly #ending = new AbortController();
  #isRunning = false;

  private constructor(options: BackupOptions) {
    this.#options = options;
    this.#temporary = join(options.directory, TEMPORARY);
  }

  /** Removes what a crash may have left of a backup. */
  static async open(options: BackupOptions): Promise<Backups> {
    const backups = new Backups(options);
    await backups.#clear();
    return backups;
  }

  /** Ends a backup with "unavailable", for a server that stops. */
  end(): void {
    this.#ending.abort(serverStopping());
  }

  /**
   * Makes a backup and hands it out, part by part as they are asked for. What it
   * needs on disk is gone when the iterator ends.
   *
   * @throws DomainError "failed_precondition" while there is another one, and
   * "unavailable" if it cannot be made now, or the server stops.
   */
  async *stream(caller: Caller): AsyncGenerator<BackupPart> {
    if (this.#isRunning) {
      throw new DomainError("failed_precondition", "another backup is being made", {
        reason: "BACKUP_RUNNING",
      });
    }
    this.#isRunning = true;
    const thread = new Thread<BackupApi>(new URL("./backup-thread.ts", import.meta.url), {
      name: "backup",
      data: undefined,
    });
    try {
      const createTime = Date.now();
      const { position, names } = await this.#gather(caller, thread);
      for (const name of names) yield* this.#send(caller, thread, name);
      yield { summary: { createTime, logId: this.#options.log.id, position } };
    } finally {
      await thread.close();
      await this.#clear().finally(() => {
        this.#isRunning = false;
      });
    }
  }

  async #gather(
    caller: Caller,
    thread: Thread<BackupApi>,
  ): Promise<{ position: number; names: string[] }> {
    const { directory, log } = this.#options;
    const at = (name: string): string => join(this.#temporary, name);
    try {
      await mkdir(this.#temporary);
      const position = await log.copyTo(at(LOG));
      this.#check(caller);
      await thread.call("copyDatabase", stateFile(directory), at(STATE));
      this.#check(caller);
      // Last, so that it has all erasures that log and state have.
      const hasErasures = await copyIfThere(join(directory, ERASURES), at(ERASURES));
      return { position, names: hasErasures ? [LOG, STATE, ERASURES] : [LOG, STATE] };
    } catch (error) {
      if (error instanceof DomainError || caller.signal.aborted) throw error;
      throw unavailable("the files of the backup could not be copied", FAILED_MS, error);
    }
  }

  async *#send(
    caller: Caller,
    thread: Thread<BackupApi>,
    name: string,
  ): AsyncGenerator<BackupPart> {
    const path = join(this.#temporary, name);
    yield { file: { name, ...(await thread.call("digest", path)) } };
    const file = await open(path);
    try {
      for (;;) {
        this.#check(caller);
        const { buffer, bytesRead } = await file.read(new Uint8Array(CHUNK_BYTES));
        if (bytesRead === 0) return;
        yield { data: buffer.subarray(0, bytesRead) };
      }
    } finally {
      await file.close();
    }
  }

  /** @throws if there is no use in going on. */
  #check({ signal }: Caller): void {
    signal.throwIfAborted();
    this.#ending.signal.throwIfAborted();
  }

  async #clear(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
  }
}

async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
