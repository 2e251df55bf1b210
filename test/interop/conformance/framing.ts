import type { Readable } from "node:stream";

const prefixBytes = 4;

/** Reads one message: its length in four bytes, big-endian, then itself. */
export async function readFramed(from: Readable): Promise<Uint8Array> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of from) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.length < prefixBytes) continue;
    const end = prefixBytes + bytes.readUInt32BE();
    if (bytes.length >= end) return bytes.subarray(prefixBytes, end);
  }
  throw new Error("the message is cut off");
}

/** A message as readFramed reads it. */
export function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length);
  return Buffer.concat([prefix, message]);
}
