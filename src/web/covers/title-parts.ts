/** A title as covers have it: what is large, and what is small below it. */
export interface TitleParts {
  readonly main: string;
  /** A subtitle, or the place in a series; "" for none. */
  readonly sub: string;
}

/** A title that is no longer than this is left in one piece. */
const SHORT = 14;

/**
 * Takes a title apart: "Frankenstein; or, The Modern Prometheus", "Maus: A
 * Survivor's Tale", "The Hunger Games (The Hunger Games, #1)".
 */
export function titleParts(title: string): TitleParts {
  const text = title.trim().replaceAll(/\s+/g, " ");
  const [, before, series] = /^(.{2,}?)\s*\(([^()]+)\)$/u.exec(text) ?? [];
  if (before !== undefined && series !== undefined) {
    const { main, sub } = titleParts(before);
    if (sub !== "") return { main, sub };
    // The first of a series often gave it its name.
    const [, place = series] = series.startsWith(main)
      ? (/^[\s,]*(.+)$/u.exec(series.slice(main.length)) ?? [])
      : [];
    return { main, sub: place };
  }
  const [, first, second] =
    /^(.{2,}?)(?:;\s*|:\s+|,\s+(?=or,\s)|\s+[–—]\s+)(.+)$/u.exec(text) ?? [];
  if (first === undefined || second === undefined || text.length <= SHORT) {
    return { main: text, sub: "" };
  }
  return { main: first, sub: second.slice(0, 1).toUpperCase() + second.slice(1) };
}
