import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import type { ItemModelParts, ModelInfo } from "./model.ts";

/**
 * The file of a model: four 32-bit numbers (magic, version, CRC-32 of all that
 * follows it, length of the header), the header in JSON, then the arrays, each
 * at a multiple of eight bytes. In memory a model is views of these bytes, so
 * that it moves between threads and into the file without being copied. The
 * byte order is that of the machine, which the magic number tells.
 */

const MAGIC = 0x4c444d4d;
/** Goes up whenever the bytes, or what they mean, change. */
const VERSION = 1;
const CRC_END = 12;
const HEADER_START = 16;

interface Header {
  readonly info: ModelInfo;
  readonly items: number;
  readonly pairs: number;
}

/** The file is no model that this version can use. The message says why. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
}

/** The bytes of a model. */
export function encodeModel(parts: ItemModelParts): ArrayBuffer {
  const header: Header = {
    info: parts.info,
    items: parts.videos.length,
    pairs: parts.items.length,
  };
  const json = Buffer.from(JSON.stringify(header));
  const layout = layoutOf(header, json.length);
  const buffer = new ArrayBuffer(layout.end);
  const bytes = new Uint8Array(buffer);
  bytes.set(json, HEADER_START);
  new Uint32Array(buffer, layout.videos, header.items).set(parts.videos);
  new Uint32Array(buffer, layout.offsets, header.items + 1).set(parts.offsets);
  new Float32Array(buffer, layout.scales, header.items).set(parts.scales);
  new Uint32Array(buffer, layout.neighbours, header.pairs).set(parts.items);
  new Float32Array(buffer, layout.similarities, header.pairs).set(parts.similarities);
  const start = new Uint32Array(buffer, 0, HEADER_START / 4);
  start.set([MAGIC, VERSION, 0, json.length]);
  start[2] = crc32(bytes.subarray(CRC_END));
  return buffer;
}

/**
 * The model in these bytes. Takes no time: it neither copies nor checks them,
 * which {@link verifyModel} does, once, away from the main thread.
 */
export function decodeModel(buffer: ArrayBuffer): ItemModelParts {
  const headerLength = new Uint32Array(buffer, CRC_END, 1)[0] as number;
  const json = Buffer.from(buffer, HEADER_START, headerLength).toString();
  const header = JSON.parse(json) as Header;
  const layout = layoutOf(header, headerLength);
  return {
    info: { ...header.info, heldOut: header.info.heldOut },
    videos: new Uint32Array(buffer, layout.videos, header.items),
    offsets: new Uint32Array(buffer, layout.offsets, header.items + 1),
    scales: new Float32Array(buffer, layout.scales, header.items),
    items: new Uint32Array(buffer, layout.neighbours, header.pairs),
    similarities: new Float32Array(buffer, layout.similarities, header.pairs),
  };
}

/** @throws ModelFileError unless these are the bytes of a whole model of this version. */
export function verifyModel(buffer: ArrayBuffer): void {
  if (buffer.byteLength < HEADER_START) throw new ModelFileError("it is too short");
  const [magic, version, checksum] = new Uint32Array(buffer, 0, HEADER_START / 4);
  if (magic !== MAGIC) throw new ModelFileError("it is not a model");
  if (version !== VERSION) {
    throw new ModelFileError(`it is of version ${version}, and this server reads ${VERSION}`);
  }
  if (crc32(new Uint8Array(buffer, CRC_END)) !== checksum) {
    throw new ModelFileError("its checksum is wrong");
  }
}

/**
 * Puts a model in place of the one that the file has. A crash at any moment
 * leaves the old one or the new one, whole, and on disk once this is done.
 */
export async function writeModelFile(file: string, buffer: ArrayBuffer): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true });
  const temporary = `${file}.new`;
  const handle = await open(temporary, "w");
  try {
    await handle.writeFile(new Uint8Array(buffer));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  // The new name is on disk only when the directory is.
  const directoryHandle = await open(directory, "r");
  try {
    await directoryHandle.sync();
  } finally {
    await directoryHandle.close();
  }
}

/**
 * The bytes of the model in a file; undefined if there is no file.
 * @throws ModelFileError if it cannot be used.
 */
export async function readModelFile(file: string): Promise<ArrayBuffer | undefined> {
  let bytes: Buffer<ArrayBuffer>;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  // A buffer of its own, at whose start the arrays are where they should be.
  const buffer =
    bytes.byteLength === bytes.buffer.byteLength
      ? bytes.buffer
      : bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  verifyModel(buffer);
  return buffer;
}

/** Where the arrays begin. */
function layoutOf(
  header: Header,
  headerLength: number,
): Record<"videos" | "offsets" | "scales" | "neighbours" | "similarities" | "end", number> {
  const after = (start: number, elements: number): number => aligned(start + 4 * elements);
  const videos = aligned(HEADER_START + headerLength);
  const offsets = after(videos, header.items);
  const scales = after(offsets, header.items + 1);
  const neighbours = after(scales, header.items);
  const similarities = after(neighbours, header.pairs);
  return {
    videos,
    offsets,
    scales,
    neighbours,
    similarities,
    end: after(similarities, header.pairs),
  };
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}
