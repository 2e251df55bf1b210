import { textWidth } from "./text-width.ts";

/** The room that a text has, and how it is set. Lengths are units of the cover. */
export interface TextBox {
  readonly width: number;
  readonly height: number;
  /** The largest and the smallest size of type. */
  readonly largest: number;
  readonly smallest: number;
  /** From line to line, as a multiple of the size. Default: 1.14. */
  readonly leading?: number;
  /** What is added after each character, as a multiple of the size. Default: 0. */
  readonly tracking?: number;
}

/** A text that was set. */
export interface FittedText {
  readonly lines: readonly string[];
  readonly size: number;
  /** From line to line, in units of the cover. */
  readonly lineHeight: number;
}

/** A piece that is not broken, and whether a space is before it. */
interface Piece {
  readonly text: string;
  readonly space: boolean;
}

/** Words that look lost at the end of a line. */
const CLINGING = new Set(
  "a an and as at by de der die for from in la le of on or the to und von with &".split(" "),
);

/** How much smaller a text may be set so that no small word ends a line. */
const KEEP_TOGETHER = 0.8;

/**
 * Sets a text as large as its box lets it be, in lines of about equal length. A
 * text that does not even fit at the smallest size is cut, with an ellipsis.
 */
export function fitText(text: string, box: TextBox): FittedText {
  const { width, height, largest, smallest, leading = 1.14, tracking = 0 } = box;
  const pieces = piecesOf(text);
  let first: FittedText | undefined;
  for (let size = largest; size >= smallest; size -= 0.5) {
    if (first !== undefined && size < first.size * KEEP_TOGETHER) break;
    const lineHeight = size * leading;
    const most = Math.max(1, Math.floor(height / lineHeight));
    const lines = breakLines(pieces, width / size, tracking, most);
    if (lines === undefined) continue;
    if (!lines.slice(0, -1).some(endsLost)) return { lines, size, lineHeight };
    first ??= { lines, size, lineHeight };
  }
  if (first !== undefined) return first;
  const lineHeight = smallest * leading;
  const most = Math.max(1, Math.floor(height / lineHeight));
  return { lines: cut(text, width / smallest, tracking, most), size: smallest, lineHeight };
}

/**
 * Breaks pieces into lines no wider than `width`, in as few lines as there can
 * be, and of these ways the most even one; undefined if they need more than
 * `most` lines, or one of them is wider than a line. All lengths are in ems.
 */
function breakLines(
  pieces: readonly Piece[],
  width: number,
  tracking: number,
  most: number,
): string[] | undefined {
  if (pieces.length === 0) return [];
  const count = pieces.length;
  // For each number of lines and each end, the least cost and where its last line begins.
  let costs: number[] = [0, ...Array<number>(count).fill(Infinity)];
  const begins: number[][] = [];
  for (let line = 1; line <= most; line++) {
    const next = Array<number>(count + 1).fill(Infinity);
    const from = Array<number>(count + 1).fill(0);
    for (let end = 1; end <= count; end++) {
      for (let begin = end - 1; begin >= 0; begin--) {
        const slack = width - textWidth(joined(pieces.slice(begin, end)), tracking);
        if (slack < 0) break;
        const isLost = end < count && CLINGING.has((pieces[end - 1]?.text ?? "").toLowerCase());
        const isSplit = end < count && pieces[end]?.space === false;
        const penalty = isLost || isSplit ? (width * 0.6) ** 2 : 0;
        const cost = (costs[begin] ?? Infinity) + slack ** 2 + penalty;
        if (cost < (next[end] ?? Infinity)) {
          next[end] = cost;
          from[end] = begin;
        }
      }
    }
    begins.push(from);
    costs = next;
    if ((costs[count] ?? Infinity) < Infinity) return linesOf(pieces, begins);
  }
  return undefined;
}

/** Whether a line ends with a word that belongs to the next one, or within one. */
function endsLost(line: string): boolean {
  return /[-–—/]$/.test(line) || CLINGING.has((line.split(" ").at(-1) ?? "").toLowerCase());
}

function linesOf(pieces: readonly Piece[], begins: readonly (readonly number[])[]): string[] {
  const lines: string[] = [];
  let end = pieces.length;
  for (const from of begins.toReversed()) {
    const begin = from[end] ?? 0;
    lines.unshift(joined(pieces.slice(begin, end)));
    end = begin;
  }
  return lines;
}

/** As many lines as there is room for, broken wherever they are full. */
function cut(text: string, width: number, tracking: number, most: number): string[] {
  const lines: string[] = [];
  let rest = [...text.trim()];
  while (rest.length > 0) {
    const isLast = lines.length === most - 1;
    let length = longest(rest, width, tracking);
    if (length === rest.length) return [...lines, rest.join("")];
    if (isLast) {
      length = longest(rest, width - textWidth("…", tracking), tracking);
      return [...lines, `${rest.slice(0, length).join("").trimEnd()}…`];
    }
    const space = rest.lastIndexOf(" ", length);
    if (space > 0) length = space;
    lines.push(rest.slice(0, length).join("").trimEnd());
    rest = rest.slice(length);
    while (rest[0] === " ") rest.shift();
  }
  return lines;
}

/** How many characters fit; at least one. */
function longest(characters: readonly string[], width: number, tracking: number): number {
  let length = 1;
  while (
    length < characters.length &&
    textWidth(characters.slice(0, length + 1).join(""), tracking) <= width
  ) {
    length++;
  }
  return length;
}

/** Where a text may be broken: at spaces, after hyphens, and between ideographs. */
function piecesOf(text: string): Piece[] {
  return text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "")
    .flatMap((word) => {
      const parts = word.match(
        /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[^-–—/\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]+[-–—/]*|[-–—/]+/gu,
      ) ?? [word];
      return parts.map((part, at) => ({ text: part, space: at === 0 }));
    });
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text, space }, at) => (space && at > 0 ? ` ${text}` : text)).join("");
}
