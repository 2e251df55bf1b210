import { ownTurn } from "../turn.ts";
import type { Compression } from "./compression.ts";
import { largeBytes } from "./messages.ts";

/**
 * How many messages are decompressed at a time: zlib's threads are no more.
 * Decompression goes piece by piece, so that without a limit hundreds of
 * messages would grow at once, each up to the largest size.
 */
const maxAtWork = 4;

let atWork = 0;
const waiting: (() => void)[] = [];

/** A message that is to be decompressed, or decoded in a turn of its own. */
export interface LargeMessage {
  readonly payload: Buffer;
  /** undefined if the payload is not compressed. */
  readonly compression: Compression | undefined;
  /** Largest message in bytes when it is decompressed. */
  readonly maxBytes: number;
  /** Whether anybody still waits for it. */
  isWanted(): boolean;
  /** Takes the message; not called for one that is not wanted any more. */
  take(bytes: Buffer): void;
}

/**
 * Decompresses a message and has it taken. What is decompressed and not taken
 * yet counts as work, too: no more than four such messages are in memory.
 * Rejects with what `take` throws.
 *
 * @throws ConnectError as Compression.decompress does.
 */
export async function openLarge(message: LargeMessage): Promise<void> {
  const { payload, compression, maxBytes } = message;
  if (compression === undefined) {
    await takeInTurn(message, payload);
    return;
  }
  if (atWork < maxAtWork) atWork++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    if (!message.isWanted()) return;
    await takeInTurn(message, await compression.decompress(payload, maxBytes));
  } finally {
    const next = waiting.shift();
    if (next === undefined) atWork--;
    else next();
  }
}

async function takeInTurn(message: LargeMessage, bytes: Buffer): Promise<void> {
  if (bytes.byteLength > largeBytes) await ownTurn();
  if (message.isWanted()) message.take(bytes);
}
