import { hash } from "node:crypto";

/** How many bytes a key has. */
export const KEY_BYTES = 16;

const LENGTH = 36;
const HYPHEN = 0x2d;
/** Where the hyphens of a UUID are, and where its bytes begin. */
const HYPHENS = [8, 13, 18, 23];
const BYTES = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);
const WRONG = -1;
const DIGITS = new Int8Array(256).fill(WRONG);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

/**
 * The keys by which the log finds views by their ids, and viewers by their
 * names. What stands in an index is copied from page to page as the index
 * grows, and stays where it was: no text of a viewer may be in one.
 *
 * The key of a view id that is a UUID, in its canonical form in lower case, is
 * its bytes: those that are alike stay together. That of any other, and of a
 * name, is the begin of a digest. Keys may stay in the file after an erasure:
 * they are no text, and nothing says whose they were.
 */
export class Keys {
  readonly #logId: string;
  readonly #viewerKey = Buffer.alloc(KEY_BYTES);

  /** The keys of a log: of the same text, another log has another digest. */
  constructor(logId: string) {
    this.#logId = logId;
  }

  /** Writes the key of a view id into 16 bytes, and tells whether the id is a UUID. */
  writeView(project: number, viewId: string, key: Buffer): boolean {
    if (writeUuid(viewId, key)) return true;
    this.#writeDigest("view", project, viewId, key);
    return false;
  }

  /** The key of a view id. */
  view(project: number, viewId: string): Buffer {
    const key = Buffer.allocUnsafe(KEY_BYTES);
    this.writeView(project, viewId, key);
    return key;
  }

  /** The key of a viewer's name; the next one is written over it. */
  viewer(project: number, name: string): Buffer {
    this.#writeDigest("viewer", project, name, this.#viewerKey);
    return this.#viewerKey;
  }

  #writeDigest(kind: string, project: number, text: string, key: Buffer): void {
    // A digest as a text costs a third of one as bytes.
    key.write(hash("sha256", `${kind}/${this.#logId}/${project}/${text}`, "hex"), "hex");
  }
}

/** Whether a text is a UUID in its canonical form in lower case. */
export function isUuid(text: string): boolean {
  return writeUuid(text, Buffer.allocUnsafe(KEY_BYTES));
}

/** The UUID that a key is, of the key in 32 hexadecimal digits in lower case. */
export function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Writes the bytes of a UUID; what it has written is meaningless if it tells that there is none. */
function writeUuid(text: string, key: Buffer): boolean {
  if (text.length !== LENGTH) return false;
  for (const at of HYPHENS) if (text.charCodeAt(at) !== HYPHEN) return false;
  let codes = 0;
  let digits = 0;
  for (let index = 0; index < KEY_BYTES; index++) {
    const at = BYTES[index] as number;
    const high = text.charCodeAt(at);
    const low = text.charCodeAt(at + 1);
    const byte = ((DIGITS[high & 0xff] as number) << 4) | (DIGITS[low & 0xff] as number);
    codes |= high | low;
    digits |= byte;
    key[index] = byte;
  }
  return codes <= 0xff && digits >= 0;
}
