import { palettes } from "./palettes.ts";
import { hashOf } from "./seed.ts";

/** What of an item its cover is drawn from. */
export interface CoverItem {
  readonly id: string;
  readonly title: string;
  readonly creators: readonly string[];
  readonly categories: readonly string[];
}

/** How a cover looks. */
export interface Look {
  /** Which family of layouts, from 0. */
  readonly layout: number;
  /** Which palette, from 0. */
  readonly palette: number;
  /** What the ornament is drawn by. */
  readonly seed: number;
}

/** How many families of layouts there are. */
export const LAYOUTS = 12;

/**
 * How the cover of an item looks: always the same, wherever it is.
 *
 * @param shift how many palettes further, where it would be like its neighbour.
 */
export function lookOf(item: CoverItem, shift = 0): Look {
  const text = `${item.title}\n${item.creators[0] ?? ""}`;
  const colours = hashOf(`${text}\n${item.categories[0] ?? ""}`) + shift;
  const seed = hashOf(`seed ${text}`);
  return { layout: hashOf(text) % LAYOUTS, palette: colours % palettes.length, seed };
}

/** Shifts for items that stand in a row, so that no two neighbours look alike. */
export function shiftsInARow(items: readonly CoverItem[]): number[] {
  let before: Look | undefined;
  return items.map((item) => {
    const own = lookOf(item);
    const isLike = own.layout === before?.layout && own.palette === before.palette;
    const shift = isLike ? 1 : 0;
    before = lookOf(item, shift);
    return shift;
  });
}
