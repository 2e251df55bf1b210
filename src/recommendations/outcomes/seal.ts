import { hash } from "node:crypto";

/** The block of SHA-256, to which HMAC fills its key up. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER = 0x36;
const OUTER = 0x5c;

/**
 * HMAC with SHA-256 (RFC 2104), for one key and many short messages: two digests
 * that leave nothing behind. An Hmac of Node.js is an object of its own outside
 * of the heap for each message, which costs several times that to make and to
 * collect.
 */
export class Seal {
  readonly #inner: Buffer;
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, OUTER);

  /**
   * @param key at most 64 bytes.
   * @param maxBytes no message is longer.
   */
  constructor(key: Uint8Array, maxBytes: number) {
    if (key.length > BLOCK_BYTES) throw new RangeError("a key has at most 64 bytes");
    this.#inner = Buffer.alloc(BLOCK_BYTES + maxBytes, INNER);
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = byte ^ INNER;
      this.#outer[at] = byte ^ OUTER;
    }
  }

  /** The 32 bytes for a message, in hexadecimal digits. */
  of(message: Uint8Array): string {
    this.#inner.set(message, BLOCK_BYTES);
    const inner = hash("sha256", this.#inner.subarray(0, BLOCK_BYTES + message.length), "hex");
    this.#outer.write(inner, BLOCK_BYTES, "hex");
    return hash("sha256", this.#outer, "hex");
  }
}
