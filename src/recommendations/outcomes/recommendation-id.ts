import { randomFillSync, timingSafeEqual } from "node:crypto";
import { Seal } from "./seal.ts";

/** What an id says of an answer. */
export interface Recommended {
  readonly project: number;
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
  /** The trainedTime of the model that made it; 0 for none. */
  readonly trainedTime: number;
  /** As the caller had it: ASCII. */
  readonly variant: string;
  /** What tells it from all others of the same hour. */
  readonly nonce: string;
}

/** What ids may become later; those that are in use go on. */
const VERSION = 1;
/** Where the parts are: version, project, time, trained time, nonce, variant, and a seal at the end. */
const PROJECT_AT = 1;
const TIME_AT = 5;
const TRAINED_AT = 11;
const NONCE_AT = 17;
const VARIANT_AT = 25;
const MAX_VARIANT = 64;
/** Of the HMAC's 32 bytes: as RFC 2104 allows, half of them. */
const SEAL_BYTES = 16;

/** Random bytes are fetched for many ids at once: it costs a tenth. */
const POOL_BYTES = 4_096;

/**
 * Makes the ids of answers, and reads them. An id carries what has to be known
 * of its answer, since Recommend stores nothing, and a seal (HMAC with SHA-256)
 * that nobody can make without the key. It is opaque to clients, though no
 * secret: it says nothing of the user.
 */
export class RecommendationIds {
  readonly #seal: Seal;
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #used = POOL_BYTES;

  /** @param key 32 to 64 bytes that nobody knows. */
  constructor(key: Uint8Array) {
    this.#seal = new Seal(key, VARIANT_AT + MAX_VARIANT);
  }

  /** An id of a new answer, for a variant of at most 64 characters. */
  make({ project, time, trainedTime, variant }: Omit<Recommended, "nonce">): string {
    const end = VARIANT_AT + variant.length;
    const bytes = Buffer.allocUnsafe(end + SEAL_BYTES);
    bytes[0] = VERSION;
    bytes.writeUInt32BE(project, PROJECT_AT);
    bytes.writeUIntBE(time, TIME_AT, 6);
    bytes.writeUIntBE(trainedTime, TRAINED_AT, 6);
    this.#random(bytes.subarray(NONCE_AT, VARIANT_AT));
    bytes.write(variant, VARIANT_AT, "latin1");
    bytes.write(this.#seal.of(bytes.subarray(0, end)), end, SEAL_BYTES, "hex");
    return bytes.toString("base64url");
  }

  /** What an id says; undefined of one that this key did not make. */
  read(id: string): Recommended | undefined {
    const bytes = Buffer.from(id, "base64url");
    const end = bytes.length - SEAL_BYTES;
    // Characters that are none of base64url are passed over: the same bytes, another text.
    if (end < VARIANT_AT || end > VARIANT_AT + MAX_VARIANT || bytes[0] !== VERSION)
      return undefined;
    if (bytes.toString("base64url") !== id) return undefined;
    const seal = Buffer.from(this.#seal.of(bytes.subarray(0, end)), "hex");
    if (!timingSafeEqual(seal.subarray(0, SEAL_BYTES), bytes.subarray(end))) return undefined;
    return {
      project: bytes.readUInt32BE(PROJECT_AT),
      time: bytes.readUIntBE(TIME_AT, 6),
      trainedTime: bytes.readUIntBE(TRAINED_AT, 6),
      variant: bytes.toString("latin1", VARIANT_AT, end),
      nonce: bytes.toString("base64url", NONCE_AT, VARIANT_AT),
    };
  }

  #random(target: Buffer): void {
    if (this.#used + target.length > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    this.#pool.copy(target, 0, this.#used, this.#used + target.length);
    this.#used += target.length;
  }
}
