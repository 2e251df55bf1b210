/** A column of a {@link table}. */
export interface Column {
  readonly title: string;
  /** Numbers go to the right. Default: "left". */
  readonly align?: "left" | "right";
  /** Whether its cells may be cut so that the table fits; the widest is cut first. Default: false. */
  readonly cut?: boolean;
}

const GAP = "  ";
const NARROWEST = 8;

/**
 * An aligned table of plain text, with a line of titles.
 *
 * @param width what the terminal has, in columns; Infinity cuts nothing.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const lines = [columns.map((c) => c.title), ...rows.map((row) => row.map(visible))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => textWidth(line[i] ?? ""))));
  fit(columns, widths, width);
  return lines
    .map((line) =>
      columns
        .map((column, i) => pad(line[i] ?? "", widths[i] ?? 0, column.align ?? "left"))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** How wide stdout is, in columns; Infinity unless it is a terminal, so that scripts get everything. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Infinity;
}

/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  // Nearly all texts are ASCII, where each character is one column.
  // oxlint-disable-next-line no-control-regex
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** A text on one line that cannot steer a terminal: control characters become spaces. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function fit(columns: readonly Column[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, w) => sum + w, 0) + GAP.length * (widths.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [i, column] of columns.entries()) {
      const w = widths[i] ?? 0;
      if (column.cut && w > NARROWEST && w > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const fitting = truncate(text, width);
  const space = " ".repeat(Math.max(0, width - textWidth(fitting)));
  return align === "right" ? space + fitting : fitting + space;
}

function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += textWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}
