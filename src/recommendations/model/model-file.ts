import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { failpoint } from "../../failpoint.ts";
import { padded } from "./kernels/arena.ts";
import { newMemory, type SharedMemory } from "./kernels/webassembly.ts";
import type { ModelInfo } from "./model.ts";

/**
 * The file of a model: five 32-bit numbers (magic, version, CRC-32 of all that
 * follows it, length of the file, length of the header), the header in JSON, then
 * the arrays, each at a multiple of 16 bytes. In memory a model is these bytes at
 * the beginning of a memory that threads and kernels share, so that it is neither
 * copied nor converted on its way. The byte order is little-endian, which is all
 * that WebAssembly has.
 */

const MAGIC = 0x4c444d4d;
/** Goes up whenever the bytes, or what they mean, change. */
const VERSION = 4;
const CRC_END = 12;
const HEADER_START = 20;
const ALIGNMENT = 16;
/** The header is filled up with blanks to a multiple of this: {@link describeModel} has room. */
const HEADER_ROOM = 1_024;
/** So many bytes are written at once. */
const PIECE = 65_536;

/** How the scores of the two parts of a model are made and added. */
interface Scales {
  /** What a weight of a like is multiplied with: the inverse of a typical one in the training. */
  readonly unit: number;
  readonly sparse: number;
  readonly factors: number;
}

/** What a model consists of. */
export interface ModelParts {
  readonly info: ModelInfo;
  readonly scales: Scales;
  /** The settings it was learned with, for people to read. */
  readonly settings: unknown;
  /** How many factors each item has; 0 for none, otherwise a multiple of four. */
  readonly dimensions: number;
  /** The video of each item, in ascending order. */
  readonly videos: Uint32Array;
  /** From how many interactions with each item it was learned. */
  readonly counts: Uint32Array;
  /** What each item says of others: the elements from offsets[i] to offsets[i + 1] of these. */
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float32Array;
  /** Of each pair, from 0 to 65,535 for 1. */
  readonly similarities: Uint16Array;
  /** Rows of `dimensions`, with rows of zeros up to a multiple of four. */
  readonly factors: Float32Array;
  /** What the dimensions are weighted with in folding in. */
  readonly base: Float32Array;
}

type Header = Pick<ModelParts, "info" | "scales" | "settings" | "dimensions"> & {
  readonly items: number;
  readonly pairs: number;
};

/** The file is no model that this version can use. The message says why. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
}

/** The bytes of a model, at the beginning of a memory. */
export function encodeModel(parts: ModelParts): SharedMemory {
  const { info, scales, settings, dimensions } = parts;
  const [items, pairs] = [parts.videos.length, parts.targets.length];
  const header: Header = { info, scales, settings, dimensions, items, pairs };
  const json = headerBytes(header, HEADER_ROOM);
  const layout = layoutOf(header, json.length);
  const memory = newMemory(layout.end);
  const { buffer } = memory;
  new Uint8Array(buffer).set(json, HEADER_START);
  const to = viewsOf(buffer, header, layout);
  to.videos.set(parts.videos);
  to.counts.set(parts.counts);
  to.offsets.set(parts.offsets);
  to.targets.set(parts.targets);
  to.weights.set(parts.weights);
  to.similarities.set(parts.similarities);
  to.factors.set(parts.factors);
  to.base.set(parts.base);
  const start = new Uint32Array(buffer, 0, HEADER_START / 4);
  start.set([MAGIC, VERSION, 0, layout.end, json.length]);
  start[2] = crc32(new Uint8Array(buffer, CRC_END, layout.end - CRC_END));
  return memory;
}

/** Changes what a model says of itself, where it stands. */
export function describeModel(memory: SharedMemory, info: ModelInfo): void {
  const { buffer } = memory;
  const start = new Uint32Array(buffer, 0, HEADER_START / 4);
  const length = start[4] as number;
  const parts = decodeModel(memory);
  const { scales, settings, dimensions } = parts;
  const [items, pairs] = [parts.videos.length, parts.targets.length];
  const json = headerBytes({ info, scales, settings, dimensions, items, pairs }, length);
  if (json.length !== length) throw new RangeError("what the model is to say is too long");
  new Uint8Array(buffer).set(json, HEADER_START);
  start[2] = crc32(new Uint8Array(buffer, CRC_END, modelLength(memory) - CRC_END));
}

/** A copy of a model, so that two threads can score with it at once. */
export function copyModel(memory: SharedMemory): SharedMemory {
  const length = modelLength(memory);
  const copy = newMemory(length);
  new Uint8Array(copy.buffer).set(new Uint8Array(memory.buffer, 0, length));
  return copy;
}

/** Where the bytes of a model end. */
export function modelLength({ buffer }: SharedMemory): number {
  return new Uint32Array(buffer, CRC_END, 1)[0] as number;
}

/**
 * The model at the beginning of a memory. Takes no time: it neither copies nor
 * checks the bytes, which {@link verifyModel} does, once, away from the main thread.
 */
export function decodeModel({ buffer }: SharedMemory): ModelParts & {
  /** Where the factors are, in bytes. */
  readonly factorsAt: number;
} {
  const headerLength = new Uint32Array(buffer, HEADER_START - 4, 1)[0] as number;
  // A copy: what is shared cannot be decoded.
  const json = Buffer.from(new Uint8Array(buffer, HEADER_START, headerLength).slice()).toString();
  const header = JSON.parse(json) as Header;
  const layout = layoutOf(header, headerLength);
  const { info, scales, settings, dimensions } = header;
  return {
    info: { ...info, heldOut: info.heldOut },
    ...{ scales, settings, dimensions, factorsAt: layout.factors },
    ...viewsOf(buffer, header, layout),
  };
}

/** @throws ModelFileError unless these are the bytes of a whole model of this version. */
export function verifyModel(bytes: Uint8Array): void {
  if (bytes.length < HEADER_START) throw new ModelFileError("it is too short");
  const start = new DataView(bytes.buffer, bytes.byteOffset, HEADER_START);
  const word = (index: number): number => start.getUint32(4 * index, true);
  if (word(0) !== MAGIC) throw new ModelFileError("it is not a model");
  if (word(1) !== VERSION) {
    throw new ModelFileError(`it is of version ${word(1)}, and this server reads ${VERSION}`);
  }
  if (word(3) !== bytes.length) throw new ModelFileError("a part of it is missing");
  if (crc32(bytes.subarray(CRC_END)) !== word(2)) {
    throw new ModelFileError("its checksum is wrong");
  }
}

/**
 * Puts a model in place of the one that the file has. A crash at any moment
 * leaves the old one or the new one, whole, and on disk once this is done.
 */
export async function writeModelFile(file: string, memory: SharedMemory): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true });
  const temporary = temporaryOf(file);
  const handle = await open(temporary, "w");
  try {
    const bytes = new Uint8Array(memory.buffer, 0, modelLength(memory));
    for (let at = 0; at < bytes.length; at += PIECE) {
      await handle.writeFile(bytes.subarray(at, at + PIECE));
      failpoint("model.writing");
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  failpoint("model.before-swap");
  await rename(temporary, file);
  failpoint("model.after-swap");
  // The new name is on disk only when the directory is.
  const directoryHandle = await open(directory, "r");
  try {
    await directoryHandle.sync();
  } finally {
    await directoryHandle.close();
  }
}

/**
 * The model in a file; undefined if there is no file.
 * @throws ModelFileError if it cannot be used.
 */
export async function readModelFile(file: string): Promise<SharedMemory | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    if (size > 0xffff_ffff) throw new ModelFileError("it is too long");
    const memory = newMemory(size);
    const bytes = new Uint8Array(memory.buffer, 0, size);
    for (let at = 0; at < size;) {
      const { bytesRead } = await handle.read(bytes, at, size - at, at);
      if (bytesRead === 0) throw new ModelFileError("a part of it is missing");
      at += bytesRead;
    }
    verifyModel(bytes);
    return memory;
  } finally {
    await handle.close();
  }
}

/** Removes what a writer left that was killed: it is as large as a model. */
export async function removeUnfinished(file: string): Promise<void> {
  await rm(temporaryOf(file), { force: true });
}

/** Where a model is until it is whole. */
function temporaryOf(file: string): string {
  return `${file}.new`;
}

/** A header in JSON, with blanks up to a multiple of `room` bytes. */
function headerBytes(header: Header, room: number): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const length = Math.ceil(json.length / room) * room;
  return Buffer.concat([json, Buffer.alloc(length - json.length, " ")]);
}

type Layout = Record<
  | "videos"
  | "counts"
  | "offsets"
  | "targets"
  | "weights"
  | "similarities"
  | "factors"
  | "base"
  | "end",
  number
>;

/** Where the arrays begin. */
function layoutOf(header: Header, headerLength: number): Layout {
  const { items, pairs, dimensions } = header;
  const videos = after(HEADER_START, headerLength);
  const counts = after(videos, 4 * items);
  const offsets = after(counts, 4 * items);
  const targets = after(offsets, 4 * (items + 1));
  const weights = after(targets, 4 * pairs);
  const similarities = after(weights, 4 * pairs);
  const factors = after(similarities, 2 * pairs);
  const base = after(factors, 4 * padded(items) * dimensions);
  const end = after(base, 4 * dimensions);
  return { videos, counts, offsets, targets, weights, similarities, factors, base, end };
}

/** Where the next array begins after one of so many bytes. */
function after(start: number, bytes: number): number {
  return Math.ceil((start + bytes) / ALIGNMENT) * ALIGNMENT;
}

function viewsOf(
  buffer: SharedArrayBuffer,
  { items, pairs, dimensions }: Header,
  layout: Layout,
): Omit<ModelParts, "info" | "scales" | "settings" | "dimensions"> {
  return {
    videos: new Uint32Array(buffer, layout.videos, items),
    counts: new Uint32Array(buffer, layout.counts, items),
    offsets: new Uint32Array(buffer, layout.offsets, items + 1),
    targets: new Uint32Array(buffer, layout.targets, pairs),
    weights: new Float32Array(buffer, layout.weights, pairs),
    similarities: new Uint16Array(buffer, layout.similarities, pairs),
    factors: new Float32Array(buffer, layout.factors, padded(items) * dimensions),
    base: new Float32Array(buffer, layout.base, dimensions),
  };
}
