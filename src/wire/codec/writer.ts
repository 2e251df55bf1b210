import { unusual } from "./unusual.ts";

/** Bytes that the buffer has room for while no large message is written. */
const initialBytes = 65_536;
/** Up to which size a buffer that has grown is kept, in bytes. */
const keptBytes = 1_048_576;

/** Up to how many characters text is written one by one, which is quicker than a call into C++. */
const shortText = 12;
/** From how many characters on text is measured, instead of taking the worst case. */
const longText = 4096;

/** The most that a number and its tag take, in bytes. */
const numberBytes = 16;

/** What `write` of a buffer calls, which takes a fifth of its time to find that out. */
interface Utf8Buffer extends Buffer {
  utf8Write(text: string, offset: number): number;
}

const words = new DataView(new ArrayBuffer(8));

/**
 * Writes the parts that messages are made of, one after the other, into a
 * buffer that grows. All methods throw `unusual` for values that are not plainly
 * of their type.
 */
export class Writer {
  /** Where the next byte goes. */
  pos = 0;
  #bytes: Utf8Buffer = allocate(initialBytes);
  #view: DataView = viewOf(this.#bytes);

  /** What was written from `start` on, behind `headroom` bytes left to be filled in. */
  copy(start: number, headroom: number): Buffer {
    const { pos } = this;
    const copy = Buffer.allocUnsafe(headroom + pos - start);
    this.#bytes.copy(copy, headroom, start, pos);
    return copy;
  }

  /** Forgets what was written from `start` on. */
  rewind(start: number): void {
    this.pos = start;
    if (this.#bytes.length > keptBytes && start === 0) this.#use(initialBytes, 0);
  }

  /** Makes room for `size` bytes. */
  #ensure(size: number): void {
    const needed = this.pos + size;
    if (needed > this.#bytes.length) this.#use(Math.max(needed, 2 * this.#bytes.length), this.pos);
  }

  /** Goes on in a buffer of `size` bytes, with the first `kept` bytes of this one. */
  #use(size: number, kept: number): void {
    const bytes = allocate(size);
    this.#bytes.copy(bytes, 0, 0, kept);
    const view = viewOf(bytes);
    // Together, even if the stack overflows here.
    this.#bytes = bytes;
    this.#view = view;
  }

  /** The view to write `size` bytes into, at `pos - size`. */
  #fixed(size: 4 | 8): DataView {
    this.#ensure(size);
    this.pos += size;
    return this.#view;
  }

  /** An unsigned integer of 32 bits, unchecked. */
  varint32(value: number): void {
    this.#ensure(numberBytes);
    const bytes = this.#bytes;
    if (value < 0x80) {
      bytes[this.pos++] = value;
      return;
    }
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.pos++] = rest;
  }

  #varint64(low: number, high: number): void {
    if (high === 0) {
      this.varint32(low >>> 0);
      return;
    }
    this.#ensure(numberBytes);
    const bytes = this.#bytes;
    let lowRest = low >>> 0;
    let highRest = high >>> 0;
    while (highRest > 0 || lowRest > 0x7f) {
      bytes[this.pos++] = (lowRest & 0x7f) | 0x80;
      lowRest = ((lowRest >>> 7) | (highRest << 25)) >>> 0;
      highRest >>>= 7;
    }
    bytes[this.pos++] = lowRest;
  }

  int32(value: unknown): void {
    const number = int32Of(value);
    if (number >= 0) this.varint32(number);
    else this.#varint64(number, -1);
  }

  sint32(value: unknown): void {
    const number = int32Of(value);
    this.varint32(((number << 1) ^ (number >> 31)) >>> 0);
  }

  uint32(value: unknown): void {
    this.varint32(uint32Of(value));
  }

  int64(value: unknown): void {
    words.setBigInt64(0, int64Of(value), true);
    this.#varint64(words.getInt32(0, true), words.getInt32(4, true));
  }

  uint64(value: unknown): void {
    words.setBigUint64(0, uint64Of(value), true);
    this.#varint64(words.getInt32(0, true), words.getInt32(4, true));
  }

  sint64(value: unknown): void {
    words.setBigInt64(0, int64Of(value), true);
    const low = words.getInt32(0, true);
    const high = words.getInt32(4, true);
    const sign = high >> 31;
    this.#varint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
  }

  bool(value: unknown): void {
    if (typeof value !== "boolean") throw unusual;
    this.varint32(value ? 1 : 0);
  }

  double(value: unknown): void {
    if (typeof value !== "number") throw unusual;
    this.#fixed(8).setFloat64(this.pos - 8, value, true);
  }

  float(value: unknown): void {
    if (typeof value !== "number") throw unusual;
    if (!Number.isFinite(Math.fround(value)) && Number.isFinite(value)) throw unusual;
    this.#fixed(4).setFloat32(this.pos - 4, value, true);
  }

  fixed32(value: unknown): void {
    this.#fixed(4).setUint32(this.pos - 4, uint32Of(value), true);
  }

  sfixed32(value: unknown): void {
    this.#fixed(4).setInt32(this.pos - 4, int32Of(value), true);
  }

  fixed64(value: unknown): void {
    this.#fixed(8).setBigUint64(this.pos - 8, uint64Of(value), true);
  }

  sfixed64(value: unknown): void {
    this.#fixed(8).setBigInt64(this.pos - 8, int64Of(value), true);
  }

  /** Bytes with their length. */
  blob(value: unknown): void {
    if (!(value instanceof Uint8Array)) throw unusual;
    this.varint32(value.length);
    this.raw(value);
  }

  /** Bytes without their length. */
  raw(value: Uint8Array): void {
    this.#ensure(value.length);
    this.#bytes.set(value, this.pos);
    this.pos += value.length;
  }

  /** Text in UTF-8 with its length. What is no text in UTF-16 becomes U+FFFD. */
  text(value: unknown): void {
    if (typeof value !== "string") throw unusual;
    const { length } = value;
    if (length <= shortText && this.#ascii(value)) return;
    this.#ensure(numberBytes + (length < longText ? length * 3 : Buffer.byteLength(value)));
    const sizeBytes = varintBytes(length);
    const start = this.pos;
    this.pos += sizeBytes;
    this.pos += this.#bytes.utf8Write(value, this.pos);
    this.close(start, sizeBytes);
  }

  /** Writes short text, unless it has characters beyond ASCII. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#ensure(numberBytes);
    const bytes = this.#bytes;
    let { pos } = this;
    bytes[pos++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[pos++] = code;
    }
    this.pos = pos;
    return true;
  }

  /** Leaves `sizeBytes` bytes for the length of what comes. */
  open(sizeBytes: number): number {
    this.#ensure(numberBytes);
    const start = this.pos;
    this.pos += sizeBytes;
    return start;
  }

  /**
   * Fills in the length of what was written since, and moves that if the length
   * needs another number of bytes than was left for it. Returns which.
   */
  close(start: number, sizeBytes: number): number {
    const begin = start + sizeBytes;
    const length = this.pos - begin;
    if (length < 0x80 && sizeBytes === 1) {
      this.#bytes[start] = length;
      return 1;
    }
    const needed = varintBytes(length);
    if (needed !== sizeBytes) {
      this.#ensure(needed);
      this.#bytes.copyWithin(start + needed, begin, this.pos);
    }
    this.pos = start;
    this.varint32(length);
    this.pos += length;
    return needed;
  }
}

function allocate(size: number): Utf8Buffer {
  return Buffer.allocUnsafeSlow(size) as Utf8Buffer;
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** How many bytes a length takes. */
function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

function int32Of(value: unknown): number {
  if (typeof value !== "number" || (value | 0) !== value) throw unusual;
  return value;
}

function uint32Of(value: unknown): number {
  if (typeof value !== "number" || value >>> 0 !== value) throw unusual;
  return value;
}

function int64Of(value: unknown): bigint {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) throw unusual;
  return value;
}

function uint64Of(value: unknown): bigint {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) throw unusual;
  return value;
}
