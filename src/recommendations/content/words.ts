/** Scripts that put no spaces between words: their runs are taken apart with a dictionary. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** A run of letters, marks and digits. */
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
const ASCII = /^[\0-\x7f]*$/;
/** What NFKD makes of the accents of Latin, Greek and Cyrillic letters. */
const ACCENTS = /[\u0300-\u036f]/g;
/** What is longer is no word that two items share. */
const MAX_LENGTH = 64;

/** Knows the words of all languages without spaces, whatever the locale is. */
const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/**
 * The words of a text, each once, in the order in which they come, at most
 * `limit`: in lower case, without the accents of Latin, Greek and Cyrillic
 * letters. Where there are spaces, a word is a run of letters and digits, two at
 * least; where there are none, what Unicode's word segmentation (UAX 29) finds,
 * which takes twenty times as long, so it is asked about nothing else.
 * @param accepts Which words count. Default: all.
 */
export function wordsOf(
  text: string,
  limit: number,
  accepts: (word: string) => boolean = () => true,
): Set<string> {
  const words = new Set<string>();
  const add = (word: string): boolean => {
    if (word.length <= MAX_LENGTH && accepts(word)) words.add(word);
    return words.size < limit;
  };
  for (const [run] of folded(text).matchAll(RUN)) {
    if (UNSPACED.test(run)) {
      for (const { segment } of segmenter.segment(run)) if (!add(segment)) return words;
    } else if (run.length > 1 && !add(run)) {
      return words;
    }
  }
  return words;
}

/** A text in lower case, without accents: what is to be the same becomes the same. */
export function folded(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize("NFKD").replaceAll(ACCENTS, "").normalize("NFC").toLowerCase();
}
