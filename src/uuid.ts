import { randomFillSync } from "node:crypto";

/** Random bytes are fetched for this many ids at once: one at a time costs ten times as much. */
const POOL_IDS = 512;
const RANDOM_BYTES = 8;
/** Of the ids that begin with the same millisecond, the last one. */
const MOST_COUNT = 0xfff;

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
  let begin = "";
  const beginAt = (ms: number): void => {
    time = ms;
    count = 0;
    const text = ms.toString(16).padStart(12, "0");
    begin = `${text.slice(0, 8)}-${text.slice(8)}-7`;
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
    const random = pool.toString("hex", used, used + RANDOM_BYTES);
    used += RANDOM_BYTES;
    const counted = count.toString(16).padStart(3, "0");
    // The two bits "10" are the variant; the digit takes the other two at random.
    const variant = (8 + (Number.parseInt(random.charAt(0), 16) & 3)).toString(16);
    return `${begin}${counted}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
  };
}
