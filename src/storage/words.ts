/** Letters and digits, with those of their marks that are characters of their own. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** The accents of Latin, Greek and Cyrillic letters, once they stand apart from them. */
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * The words of a text, without their case and accents, as the full-text index
 * has them. SQLite's own tokenizer folds the accents of Latin letters only, and
 * takes emoji that are newer than it for letters.
 */
export function wordsOf(text: string): string[] {
  // There and back, because some letters have the same capital, as σ and ς do.
  const folded = text.normalize("NFD").replace(ACCENTS, "").toUpperCase().toLowerCase();
  return folded.normalize("NFC").match(WORD) ?? [];
}
