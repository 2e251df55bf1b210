import { Kind } from "./signals.ts";

/**
 * How an interaction is kept in three words of 32 bits: its key (video and kind),
 * the low bits of its time, and in the third the rest of its time (10 bits), the
 * share watched (7) and the value (15).
 */

/** Room for this many kinds in a key, and so for 2^29 videos. */
const KINDS = 8;
const TWO_32 = 0x1_0000_0000;
/** With those of the second word, milliseconds up to the year 2109. */
const TIME_BITS = 10;
const SHARE_BITS = 7;
const VALUE_SHIFT = TIME_BITS + SHARE_BITS;
const MAX_SHARE = 100;
const MAX_VALUE = 2 ** 15 - 1;
/** Ratings from 1 to 5 in steps of 1/8000: those in hundredths are exact. */
const RATING_STEPS = 8_000;
/** What views weigh together, from 1 to 65,536, to 0.02 %. */
const STEPS_PER_OCTAVE = 2_048;

/** One video and one kind. */
export function keyOf(video: number, kind: number): number {
  return video * KINDS + kind;
}

export function videoOf(key: number): number {
  return Math.floor(key / KINDS);
}

export function kindOf(key: number): number {
  return key % KINDS;
}

/** The second word. */
export function lowWord(time: number): number {
  return time % TWO_32;
}

/** The third word; a share below 0 is none that is known. */
export function highWord(kind: number, value: number, time: number, share: number): number {
  const code = share < 0 ? 0 : 1 + Math.round(Math.min(1, share) * MAX_SHARE);
  return (
    ((valueCode(kind, value) << VALUE_SHIFT) | (code << TIME_BITS) | Math.floor(time / TWO_32)) >>>
    0
  );
}

export function timeOf(low: number, high: number): number {
  return low + (high & (2 ** TIME_BITS - 1)) * TWO_32;
}

/** The share watched, from 0 to 1 in hundredths; -1 if it is not known. */
export function shareOf(high: number): number {
  const code = (high >>> TIME_BITS) & (2 ** SHARE_BITS - 1);
  return code === 0 ? -1 : (code - 1) / MAX_SHARE;
}

/** The value: of a rating the rating, of counted views what they weigh, else 0. */
export function valueOf(kind: number, high: number): number {
  const code = high >>> VALUE_SHIFT;
  if (kind === Kind.RATING) return (RATING_STEPS + code) / RATING_STEPS;
  return kind === Kind.COUNTED_VIEW ? 2 ** (code / STEPS_PER_OCTAVE) : 0;
}

function valueCode(kind: number, value: number): number {
  if (kind === Kind.RATING) return Math.round((value - 1) * RATING_STEPS);
  if (kind !== Kind.COUNTED_VIEW) return 0;
  return Math.min(MAX_VALUE, Math.round(Math.log2(value) * STEPS_PER_OCTAVE));
}
