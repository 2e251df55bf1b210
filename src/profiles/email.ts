/**
 * The form of an email address: one @, something before it, a host behind it,
 * and neither spaces nor control characters. More is not asked: whether an
 * address is one, only a message to it can tell.
 */
export const emailForm = /^[^@\s\p{Cc}\p{Cs}]+@[^@\s\p{Cc}\p{Cs}]+$/u;

/**
 * What all spellings of an email address have in common, so that a unique index
 * can tell that they are the same. Spellings differ in case, in whether marks
 * are characters of their own, and in width.
 *
 * This is Unicode's full case folding, as near as one gets with what JavaScript
 * has. Upper case first makes "ss" of "ß" and one sigma of all three, but leaves
 * the capital "ẞ" as it is, so lower case comes before it; lower case last
 * brings back the usual form. NFKC before makes one character of all its forms,
 * such as those of double width; NFC after puts together what changing the case
 * took apart. The dotless "ı" and "i" have the same upper case, and so are the
 * same here; "İ" is an i with a dot of its own, and is not.
 */
export function emailKey(email: string): string {
  return email.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFC");
}
