/** The polynomial of Castagnoli, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** So many bytes are taken at a time, each with a table of its own. */
const STEP = 16;

/**
 * Table k is at k * 256: what a byte does to a checksum that k more bytes of
 * zero follow.
 */
const tables = makeTables();

/** Whether the bytes of a Uint32Array are in the order that the checksum takes them. */
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * The CRC32C of bytes (Castagnoli, as in RFC 3720): an unsigned integer of 32
 * bits, 0 of none.
 */
export function crc32c(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  // Words can be read only where their own size divides their address.
  const head = isLittleEndian ? Math.min(length, -byteOffset & 3) : length;
  let crc = addBytes(-1, bytes, 0, head);
  const steps = Math.floor((length - head) / STEP);
  if (steps > 0) {
    crc = addWords(crc, new Uint32Array(buffer, byteOffset + head, (steps * STEP) / 4));
  }
  return ~addBytes(crc, bytes, head + steps * STEP, length) >>> 0;
}

function addBytes(start: number, bytes: Uint8Array, from: number, to: number): number {
  let crc = start;
  for (let i = from; i < to; i++) {
    crc = (tables[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return crc;
}

/** Takes four words at a time: their number is a multiple of four. */
function addWords(start: number, words: Uint32Array): number {
  const t = tables as unknown as readonly number[];
  const w = words as unknown as readonly number[];
  let crc = start;
  for (let i = 0; i < words.length; i += 4) {
    const a = (w[i] as number) ^ crc;
    const b = w[i + 1] as number;
    const c = w[i + 2] as number;
    const d = w[i + 3] as number;
    crc =
      (t[3840 + (a & 0xff)] as number) ^
      (t[3584 + ((a >>> 8) & 0xff)] as number) ^
      (t[3328 + ((a >>> 16) & 0xff)] as number) ^
      (t[3072 + (a >>> 24)] as number) ^
      (t[2816 + (b & 0xff)] as number) ^
      (t[2560 + ((b >>> 8) & 0xff)] as number) ^
      (t[2304 + ((b >>> 16) & 0xff)] as number) ^
      (t[2048 + (b >>> 24)] as number) ^
      (t[1792 + (c & 0xff)] as number) ^
      (t[1536 + ((c >>> 8) & 0xff)] as number) ^
      (t[1280 + ((c >>> 16) & 0xff)] as number) ^
      (t[1024 + (c >>> 24)] as number) ^
      (t[768 + (d & 0xff)] as number) ^
      (t[512 + ((d >>> 8) & 0xff)] as number) ^
      (t[256 + ((d >>> 16) & 0xff)] as number) ^
      (t[d >>> 24] as number);
  }
  return crc;
}

/** Signed: what fits 31 bits and a sign costs nothing to hold. */
function makeTables(): Int32Array {
  const made = new Int32Array(STEP * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] as number;
    made[i] = (made[before & 0xff] as number) ^ (before >>> 8);
  }
  return made;
}
