import { isUtf8 } from "node:buffer";
import { BIT32, BIT64, LENGTH_DELIMITED, VARINT } from "./kinds.ts";
import { unusual } from "./unusual.ts";

/** What `toString` of a buffer calls, which takes a fifth of its time to find that out. */
interface Utf8Buffer extends Buffer {
  utf8Slice(start: number, end: number): string;
}

const words = new DataView(new ArrayBuffer(8));

/** Up to how many bytes text is put together from its characters. */
const shortText = 12;

/**
 * Reads the parts that messages are made of. All methods throw `unusual` for
 * what is malformed.
 */
export class Reader {
  /** What is read next. */
  pos = 0;
  readonly length: number;
  /** As it was given: what is handed out are views of it, and of its class. */
  readonly source: Uint8Array;
  readonly bytes: Utf8Buffer;
  view: DataView | undefined = undefined;
  low = 0;
  high = 0;

  constructor(source: Uint8Array) {
    this.source = source;
    this.length = source.length;
    this.bytes = (
      Buffer.isBuffer(source)
        ? source
        : Buffer.from(source.buffer, source.byteOffset, source.byteLength)
    ) as Utf8Buffer;
  }

  /** An unsigned varint of 32 bits; what is above them is dropped. */
  varint32(): number {
    const { pos } = this;
    if (pos < this.length) {
      const byte = this.bytes[pos] as number;
      if (byte < 0x80) {
        this.pos = pos + 1;
        return byte;
      }
      if (pos + 1 < this.length) {
        const next = this.bytes[pos + 1] as number;
        if (next < 0x80) {
          this.pos = pos + 2;
          return (byte & 0x7f) | (next << 7);
        }
      }
    }
    this.varint64();
    return this.low >>> 0;
  }

  /** A varint of 64 bits, into `low` and `high`. */
  varint64(): void {
    const { bytes } = this;
    const end = Math.min(this.pos + 10, this.length);
    let low = 0;
    let high = 0;
    for (let { pos } = this, shift = 0; pos < end; pos++, shift += 7) {
      const byte = bytes[pos] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.pos = pos + 1;
        this.low = low;
        this.high = high;
        return;
      }
    }
    throw unusual;
  }

  /** A number and a wire type, as in `number << 3 | wireType`. */
  tag(): number {
    const start = this.pos;
    const tag = this.varint32();
    if (this.pos - start > 4 || tag < 8) throw unusual;
    return tag;
  }

  bool(): boolean {
    const byte = this.bytes[this.pos];
    if (byte !== undefined && byte < 2) {
      this.pos++;
      return byte === 1;
    }
    this.varint64();
    return this.low !== 0 || this.high !== 0;
  }

  int64(): bigint {
    this.varint64();
    return signed(this.low, this.high);
  }

  uint64(): bigint {
    this.varint64();
    return unsigned(this.low, this.high);
  }

  sint64(): bigint {
    this.varint64();
    const { low, high } = this;
    const sign = -(low & 1);
    return signed(((low >>> 1) | (high << 31)) ^ sign, (high >>> 1) ^ sign);
  }

  /** The view of all bytes, after `size` of them are found to be there, and passed. */
  fixed(size: 4 | 8): DataView {
    this.pos += size;
    if (this.pos > this.length) throw unusual;
    const { buffer, byteOffset, byteLength } = this.bytes;
    return (this.view ??= new DataView(buffer, byteOffset, byteLength));
  }

  /** Where the length-delimited value ends whose length is next. */
  end(): number {
    const length = this.varint32();
    const end = this.pos + length;
    if (end > this.length) throw unusual;
    return end;
  }

  /** A view of the bytes, not a copy. */
  blob(): Uint8Array {
    const end = this.end();
    return this.source.subarray(this.pos, (this.pos = end));
  }

  /** Text in UTF-8. */
  text(): string {
    const end = this.end();
    const start = this.pos;
    this.pos = end;
    const { bytes } = this;
    if (end - start <= shortText) {
      const text = ascii(bytes, start, end);
      if (text !== undefined) return text;
    }
    const text = bytes.utf8Slice(start, end);
    // What is not UTF-8 has turned into this character, which may also be meant.
    if (text.indexOf("\uFFFD") >= 0 && !isUtf8(bytes.subarray(start, end))) throw unusual;
    return text;
  }

  /** Passes the value of a field that is not known, and returns a view of it. */
  skip(wireType: number): Uint8Array {
    const start = this.pos;
    if (wireType === VARINT) this.varint64();
    else if (wireType === BIT64) this.fixed(8);
    else if (wireType === LENGTH_DELIMITED) this.pos = this.end();
    else if (wireType === BIT32) this.fixed(4);
    else throw unusual;
    return this.source.subarray(start, this.pos);
  }
}

/** Short text, unless it has characters beyond ASCII: quicker than a call into C++. */
function ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let pos = start;
  for (; pos + 3 < end; pos += 4) {
    const a = bytes[pos] as number;
    const b = bytes[pos + 1] as number;
    const c = bytes[pos + 2] as number;
    const d = bytes[pos + 3] as number;
    if ((a | b | c | d) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, d);
  }
  for (; pos < end; pos++) {
    const byte = bytes[pos] as number;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function signed(low: number, high: number): bigint {
  words.setInt32(0, low, true);
  words.setInt32(4, high, true);
  return words.getBigInt64(0, true);
}

function unsigned(low: number, high: number): bigint {
  words.setInt32(0, low, true);
  words.setInt32(4, high, true);
  return words.getBigUint64(0, true);
}
