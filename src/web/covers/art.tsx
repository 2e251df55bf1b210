import type { Palette } from "./palettes.ts";
import type { Random } from "./seed.ts";
import { fitText, type FittedText, type TextBox } from "./text-fit.ts";

/** A cover is this large, in its own units. */
export const [WIDTH, HEIGHT] = [200, 300];

/** What a layout draws. */
export interface Art {
  readonly main: string;
  /** The subtitle; "" for none. */
  readonly sub: string;
  /** Who made it; "" if nobody is known. */
  readonly creator: string;
  readonly palette: Palette;
  readonly random: Random;
}

/** Faces of type. */
export type Face = "serif" | "italic" | "bold" | "sans" | "sans-bold";

/** Where a text stands, and how. */
interface Setting extends TextBox {
  readonly x: number;
  /** The top of the first line, or of the box with `valign`. */
  readonly y: number;
  readonly fill: string;
  readonly face: Face;
  readonly anchor?: "start" | "middle" | "end";
  /** Where in its box it stands. Default: "top". */
  readonly valign?: "top" | "middle" | "bottom";
}

/** Sets a text into its box. */
export function Text({ text, ...setting }: Setting & { text: string }) {
  return <Lines fitted={fitText(text, setting)} {...setting} />;
}

function Lines({ fitted, ...setting }: Setting & { fitted: FittedText }) {
  const { x, fill, face, anchor = "start", tracking = 0 } = setting;
  const { lines, size, lineHeight } = fitted;
  const top = topOf(setting, lines.length * lineHeight);
  // From the top of a line to where its letters stand.
  const baseline = size * 0.78 + (lineHeight - size) / 2;
  const placed = lines.map((line, at) => ({ line, y: top + at * lineHeight + baseline }));
  return placed.map(({ line, y }) => (
    <text
      key={y}
      class={`cover-${face}`}
      x={x}
      y={y}
      font-size={size}
      letter-spacing={tracking * size}
      fill={fill}
      text-anchor={anchor}
    >
      {line}
    </text>
  ));
}

function topOf({ y, height, valign = "top" }: Setting, taken: number): number {
  if (valign === "middle") return y + (height - taken) / 2;
  return valign === "bottom" ? y + height - taken : y;
}

/** Where the parts of a title stand that is set with its subtitle below it. */
interface TitleSetting extends Setting {
  readonly main: string;
  readonly sub: string;
  readonly subFace?: Face;
  /** The size of the subtitle. Default: 10.5. */
  readonly subSize?: number;
}

/** Sets a title, and the subtitle below it, together into one box. */
export function Title({ main, sub, subFace = "italic", subSize = 10.5, ...setting }: TitleSetting) {
  if (sub === "") return <Text text={main} {...setting} />;
  const { width, height, y, valign = "top" } = setting;
  const small = fitText(sub, {
    width,
    height: Math.min(height * 0.34, subSize * 1.25 * 3),
    largest: subSize,
    smallest: Math.min(8, subSize),
    leading: 1.25,
  });
  const gap = subSize * 0.7;
  const smallHeight = small.lines.length * small.lineHeight;
  const large = fitText(main, { ...setting, height: height - smallHeight - gap });
  const largeHeight = large.lines.length * large.lineHeight;
  const top = topOf({ ...setting, y, valign }, largeHeight + gap + smallHeight);
  return (
    <>
      <Lines fitted={large} {...setting} y={top} valign="top" />
      <Lines
        fitted={small}
        {...setting}
        tracking={0}
        face={subFace}
        y={top + largeHeight + gap}
        valign="top"
      />
    </>
  );
}

/** The ground of a cover. */
export function Ground({ fill }: { fill: string }) {
  return <rect width={WIDTH} height={HEIGHT} fill={fill} />;
}

/** A number as paths have it: no longer than it is exact. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A circle as a part of a path. */
export function circlePath(x: number, y: number, radius: number): string {
  const [r, d] = [n(radius), n(2 * radius)];
  return `M${n(x - radius)} ${n(y)}a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 -${d} 0z`;
}
