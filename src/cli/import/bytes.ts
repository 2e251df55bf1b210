import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";

const CHUNK_BYTES = 128 * 1_024;

/**
 * The bytes of a file in chunks, decompressed if they begin as gzip does,
 * whatever the file is called.
 *
 * @param onRead called with the number of bytes of each chunk as it is in the file.
 */
export async function* fileBytes(
  file: FileHandle,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const raw = rawBytes(file, onRead);
  const { value: first } = await raw.next();
  if (first === undefined) return;
  const all = startingWith(first, raw);
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield* all;
    return;
  }
  // The reader gets the error; a reader that stops early needs none.
  yield* pipeline(all, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
}

async function* rawBytes(
  file: FileHandle,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES));
    if (bytesRead === 0) return;
    onRead(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
