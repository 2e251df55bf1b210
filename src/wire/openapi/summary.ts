/** The first sentence of a comment, in one line and without its full stop. */
export function summaryOf(comment: string): string {
  const paragraph = comment.split(/\n\s*\n/, 1)[0] ?? "";
  const line = paragraph.replaceAll(/\s+/g, " ").trim();
  const [sentence = ""] = line.split(/(?<=[.!?:]) (?=[\p{Lu}"'`(])/u, 1);
  return sentence.replace(/[.:]$/, "");
}
