/** A piece of a line of text. */
export interface Span {
  readonly kind: "text" | "code" | "link";
  readonly text: string;
}

/** A part of a comment that stands by itself. */
export type Block =
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: "code"; readonly text: string };

const BULLET = /^\s*(?:[-*•]|\d+[.)])\s+/;
const FENCE = /^\s*```/;

/**
 * Reads the little that comments of proto files have of Markdown: paragraphs,
 * lists, code between backticks or fences or indented by four blanks, and links.
 */
export function readProse(comment: string): Block[] {
  const blocks: Block[] = [];
  const lines = comment.split("\n");
  let paragraph: string[] = [];
  let items: string[] = [];
  const finish = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", spans: spansOf(joined(paragraph)) });
    if (items.length > 0) blocks.push({ kind: "list", items: items.map(spansOf) });
    paragraph = [];
    items = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    if (FENCE.test(line)) {
      finish();
      const end = lines.findIndex((other, index) => index > at && FENCE.test(other));
      const last = end === -1 ? lines.length : end;
      blocks.push({ kind: "code", text: lines.slice(at + 1, last).join("\n") });
      at = last;
    } else if (line.trim() === "") {
      finish();
    } else if (BULLET.test(line) && (paragraph.length === 0 || /^\s*[-*•]/.test(line))) {
      if (paragraph.length > 0) finish();
      items.push(line.replace(BULLET, ""));
    } else if (items.length > 0) {
      items.push(`${items.pop() ?? ""} ${line.trim()}`);
    } else if (/^ {4}/.test(line) && paragraph.length === 0) {
      const end = lines.findIndex((other, index) => index > at && !/^(?: {4}|\s*$)/.test(other));
      const last = end === -1 ? lines.length : end;
      const code = lines.slice(at, last).map((other) => other.slice(4));
      blocks.push({ kind: "code", text: code.join("\n").trimEnd() });
      at = last - 1;
    } else {
      paragraph.push(line);
    }
  }
  finish();
  return blocks;
}

const joined = (lines: readonly string[]): string => lines.map((line) => line.trim()).join(" ");

function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  for (const part of text.split(/(`[^`]+`|https?:\/\/[^\s<>"`]*[^\s<>"`.,;:)])/)) {
    if (part === "") continue;
    if (part.startsWith("`") && part.length > 2) {
      spans.push({ kind: "code", text: part.slice(1, -1) });
    } else {
      spans.push({ kind: /^https?:\/\//.test(part) ? "link" : "text", text: part });
    }
  }
  return spans;
}
