import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { connectRaw, frameType, type RawHttp2 } from "../../wire/support/frames.ts";

/** How an attacker ended: "open" is still connected, though it did all it wanted to. */
export type End = "open" | "closed" | `GOAWAY ${number}` | `RST_STREAM ${number}`;

/** How an HTTP/2 connection ended, as soon as it does or when this time is over. */
export async function endOf({ socket, frames }: RawHttp2, withinMs: number): Promise<End> {
  await closedOrAfter(socket, withinMs);
  // The code of the last of them tells why; the first may be a notice.
  const goAway = frames.findLast(({ type }) => type === frameType.goAway);
  if (goAway !== undefined) return `GOAWAY ${goAway.payload.readUInt32BE(4)}`;
  return socket.destroyed ? "closed" : "open";
}

/** Waits until a socket is closed, or for so many milliseconds. */
export async function closedOrAfter(socket: Socket, ms: number): Promise<void> {
  if (socket.destroyed) return;
  const stop = new AbortController();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await Promise.race([closed, sleep(ms, undefined, { signal: stop.signal }).catch(() => {})]);
  stop.abort();
}

/**
 * Whether the server closed the connection of a socket that read nothing: that
 * is seen when what has piled up in between is read.
 */
export async function isCut(socket: Socket): Promise<boolean> {
  socket.resume();
  await closedOrAfter(socket, 1_000);
  return socket.destroyed;
}

/** A connection that says what it is told to, and reads all. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  return socket;
}

/** Writes the same bytes again and again, as fast as they are taken, until the connection ends. */
export async function repeat(socket: Socket, bytes: Buffer, times: number): Promise<void> {
  for (let n = 0; n < times && !socket.destroyed && socket.writable; n++) {
    if (socket.write(bytes)) continue;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const drained = new Promise<void>((resolve) => socket.once("drain", () => resolve()));
    await Promise.race([closed, drained, sleep(2_000)]);
  }
}

export { connectRaw };

/** Four bytes, as HTTP/2 has them. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A frame in bytes. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header in HPACK's plainest form: literal, not indexed, not compressed; shorter than 127 bytes each. */
export function header(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}
