import { randomFrom } from "../../src/random.ts";

/** How many items each viewer has viewed. */
const historyLength = 50;
/** How many items there are for each genre. */
const genreSize = 250;

/** So many viewers have enough views for the model to know nearly every item. */
export function viewersOf(items: number): number {
  return Math.max(2_000, Math.round(items / 10));
}

export function viewerName(viewer: number): string {
  return `viewer-${viewer}`;
}

export function itemName(item: number): string {
  return `item-${item}`;
}

/** The genre of an item, as the number of a category. */
export function genreOf(item: number, items: number): number {
  return item % Math.max(1, Math.round(items / genreSize));
}

/**
 * What one viewer viewed, all different, always the same for the same viewer: three
 * of four from a few genres of theirs, the rest from everywhere, and of each the
 * first ones most by far.
 */
export function historyOf(viewer: number, items: number): number[] {
  const random = randomFrom(viewer + 1);
  const genres = Math.max(1, Math.round(items / genreSize));
  const own = Array.from({ length: 4 }, () => Math.floor(genres * random()));
  const history = new Set<number>();
  while (history.size < historyLength) {
    const isOwn = random() < 0.75;
    const genre = isOwn ? (own[Math.floor(4 * random())] as number) : Math.floor(genres * random());
    const place = Math.floor((items / genres) * random() ** 2.5);
    history.add(Math.min(items - 1, genre + place * genres));
  }
  return [...history];
}
