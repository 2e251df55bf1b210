/**
 * The colours of a cover. A cover is a picture: its colours are its own, and the
 * same in a light and a dark page. Ink on ground and paper ink on paper have a
 * contrast of at least 4.5 to 1.
 */
export interface Palette {
  /** What most of the cover is. */
  readonly ground: string;
  /** Type on the ground. */
  readonly ink: string;
  /** Labels and bands. */
  readonly paper: string;
  /** Type on paper. */
  readonly paperInk: string;
  /** Shapes on the ground. */
  readonly accent: string;
  /** More of them. */
  readonly second: string;
}

const palette = (
  ground: string,
  ink: string,
  paper: string,
  paperInk: string,
  accent: string,
  second: string,
): Palette => ({ ground, ink, paper, paperInk, accent, second });

/** All palettes: papers and inks as presses have them. */
export const palettes: readonly [Palette, ...Palette[]] = [
  palette("#1f3a5f", "#f6eeda", "#f4ecd8", "#1f3a5f", "#e0a458", "#c8553d"),
  palette("#2f4a3a", "#f2ead3", "#f2ead3", "#2f4a3a", "#d9a441", "#8fae8b"),
  palette("#9c3427", "#f9eedb", "#f6ead7", "#7c261b", "#2b2a33", "#e9b872"),
  palette("#dba82f", "#2a2118", "#f8eecf", "#4a2418", "#8a3324", "#f4e7c5"),
  palette("#4b2746", "#f5e9e4", "#f3e6e3", "#4b2746", "#d98a7e", "#c9b458"),
  palette("#175a63", "#f3ecda", "#f1ead8", "#124a52", "#f0b75e", "#dd6b4d"),
  palette("#dfb0a5", "#3b1d22", "#f8ece3", "#6d2430", "#8c2f39", "#f5e6dc"),
  palette("#e9e1d0", "#26231e", "#f8f3e6", "#26231e", "#b5452c", "#2f5d62"),
  palette("#20222e", "#f1e8d4", "#efe6d2", "#20222e", "#c0563f", "#7f9fb0"),
  palette("#a7c1c9", "#1c2b36", "#f5eee0", "#1c3644", "#d94f36", "#f5eee0"),
  palette("#575829", "#f6efdc", "#f3ecd4", "#43441f", "#d8b25a", "#a9a865"),
  palette("#cf7348", "#24120c", "#f8e8cf", "#6a2a16", "#f4dcb8", "#5b2a1f"),
  palette("#f3ede0", "#1d1d1b", "#ffffff", "#1d1d1b", "#c9372c", "#1d1d1b"),
  palette("#bdb3ce", "#2a2140", "#f6f0e2", "#3d2d66", "#5a3f86", "#f4eddc"),
  palette("#efe3c4", "#1e3a34", "#fbf6e6", "#1e3a34", "#2f6f5e", "#d98e3b"),
];

/** A colour for shapes on paper that is seen there: the accent, if it can be. */
export function shapeOnPaper({ paper, paperInk, accent, second }: Palette): string {
  return [accent, second].find((colour) => contrast(colour, paper) >= 2.2) ?? paperInk;
}

/** The contrast of two colours such as "#1f3a5f", as WCAG defines it: from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
