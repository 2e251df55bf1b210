/**
 * About how wide characters are, in ems: those of the widest of the fonts that
 * a page may get, so that what fits by this fits in all of them.
 */
const WIDTHS: readonly (readonly [characters: string, width: number])[] = [
  ["ijl|!.,:;'’‘`·ıí", 0.36],
  [' ft()[]/I-"“”rJ', 0.44],
  ["sczaevyxkoéèàáóêëç?123456789*+", 0.62],
  ["bdghnpqu0ñüöäúßABCEFLPSTZ$–#", 0.7],
  ["DGHKNOQRUVXYÖÜÄÉwæ&%=<>~", 0.8],
  ["mMÆ@—…", 0.98],
  ["W", 1.06],
];

const byCharacter = new Map(
  WIDTHS.flatMap(([characters, width]) => [...characters].map((one) => [one, width] as const)),
);

/** A letter that is not in the table: as wide as most. */
const LOWER = 0.66;
const UPPER = 0.78;
/** Scripts whose characters stand in squares. */
const SQUARE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Extended_Pictographic}]/u;

/**
 * How wide a text is at most, in ems.
 *
 * @param tracking what is added after each character but the last.
 */
export function textWidth(text: string, tracking = 0): number {
  let width = 0;
  let count = 0;
  for (const character of text) {
    // A mark stands above the letter before it.
    if (/\p{M}/u.test(character)) continue;
    count++;
    width += byCharacter.get(character) ?? otherWidth(character);
  }
  return width + Math.max(0, count - 1) * tracking;
}

function otherWidth(character: string): number {
  if (SQUARE.test(character)) return 1;
  return character.toLowerCase() === character ? LOWER : UPPER;
}
