const LAST_CODE_POINT = 0x10_ff_ff;

/**
 * The first text after all that begin with a prefix, in the order of code
 * points, which is that of their bytes in UTF-8; undefined if there is none.
 */
export function endOf(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // The surrogates are no characters.
  const next = last === 0xd7_ff ? 0xe0_00 : last + 1;
  return String.fromCodePoint(...points, next);
}
