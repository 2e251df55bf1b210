import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { serveThread } from "../thread.ts";
import { copyDatabase } from "../storage/copy.ts";

/** A thread for what takes long of a backup, so that the one that serves requests does not. */

const CHUNK_BYTES = 1_048_576;

/** What a file is. */
export interface Digest {
  /** In bytes. */
  readonly size: number;
  readonly sha256: Uint8Array<ArrayBuffer>;
}

const api = {
  /** Copies a database; see {@link copyDatabase}. */
  copyDatabase,
  /** Reads a whole file. */
  async digest(file: string): Promise<Digest> {
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).byteLength;
    }
    return { size, sha256: new Uint8Array(hash.digest()) };
  },
};

export type BackupApi = typeof api;

serveThread(api);
