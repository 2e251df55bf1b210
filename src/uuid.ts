import { randomFillSync } from "node:crypto";

/** Random bytes are fetched for this many ids at once: one at a time costs ten times as much. */
const POOL_IDS = 512;
const RANDOM_BYTES = 8;
/** Of the ids that begin with the same millisecond, the last one. */
const MOST_COUNT = 0xfff;
const HEX = "0123456789abcdef";

/**
 * A new id: a UUID, version 7 (RFC 9562). It begins with the time, and is
 * greater than all ids that this thread made before, in the same millisecond
 * too and when the clock is set back. So an index of ids grows at its end, and
 * the order of ids is that of their making.
 */
export const newUuid: () => string = uuidMaker();

/**
 * Makes what {@link newUuid} is.
 *
 * @param clock tells the time in milliseconds since 1970. Default: the system's.
 */
export function uuidMaker(clock: () => number = Date.now): () => string {
  const pool = Buffer.allocUnsafe(POOL_IDS * RANDOM_BYTES);
  let used = pool.length;
  let time = -1;
  let count = 0;
  // The digits of an id, which becomes a text in one piece: one that is put together
  // from others has to be copied as soon as its characters are asked for.
  const digits = Buffer.from("00000000-0000-7000-8000-000000000000", "latin1");
  const write = (value: number, at: number): void => {
    digits[at] = HEX.charCodeAt(value >>> 4);
    digits[at + 1] = HEX.charCodeAt(value & 0xf);
  };
  const beginAt = (ms: number): void => {
    time = ms;
    count = 0;
    const text = ms.toString(16).padStart(12, "0");
    digits.write(`${text.slice(0, 8)}-${text.slice(8)}`, "latin1");
  };

  return () => {
    const now = clock();
    // What a millisecond has no room for takes from the next one.
    if (now > time) beginAt(now);
    else if (++count > MOST_COUNT) beginAt(time + 1);
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    digits[15] = HEX.charCodeAt(count >>> 8);
    write(count & 0xff, 16);
    // The two bits "10" are the variant.
    write(0x80 | ((pool[used] as number) & 0x3f), 19);
    write(pool[used + 1] as number, 21);
    for (let byte = 2; byte < RANDOM_BYTES; byte++) {
      write(pool[used + byte] as number, 20 + 2 * byte);
    }
    used += RANDOM_BYTES;
    return digits.toString("latin1");
  };
}
