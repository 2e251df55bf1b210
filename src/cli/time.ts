/** No moment that a Date can have is further from 1970: milliseconds. */
const MAX_MS = 8.64e15;

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Numbers from here on are milliseconds: as seconds they would be past the year 5000. */
const MILLISECONDS_FROM = 1e11;

/**
 * Reads a moment: ISO 8601 (a date alone is its midnight; without a zone it is
 * UTC, whatever the zone of this machine, so that a file means the same
 * everywhere), or a Unix time in seconds or milliseconds.
 *
 * @returns milliseconds since 1970; undefined for anything else.
 */
export function parseTime(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed);
    const ms = Math.round(Math.abs(value) < MILLISECONDS_FROM ? value * 1_000 : value);
    return Math.abs(ms) > MAX_MS ? undefined : ms;
  }
  const [, date, time = "00:00", seconds = ":00", zone = "Z"] = ISO.exec(trimmed) ?? [];
  if (date === undefined) return undefined;
  // The engine takes February 30 for March 1.
  if (new Date(`${date}T00:00Z`).toJSON()?.slice(0, 10) !== date) return undefined;
  const offset = /^[+-]\d{2}$/.test(zone)
    ? `${zone}:00`
    : zone.replace(/^(.\d{2})(\d{2})$/, "$1:$2");
  const ms = Date.parse(`${date}T${time}${seconds.replace(",", ".")}${offset.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Reads a time that something took, in seconds: digits, with a decimal point or not.
 *
 * @returns whole milliseconds; undefined for anything else.
 */
export function parseSeconds(text: string): number | undefined {
  const ms = Math.round(Number(text) * 1_000);
  return /^\d*\.?\d+$/.test(text) && Number.isSafeInteger(ms) ? ms : undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads a moment as {@link parseTime} does, or as so long ago: "30m", "24h", "7d", "2w". */
export function parseMoment(text: string, now: number): number | undefined {
  const [, amount, unit = ""] = /^(\d+)([mhdw])$/.exec(text.trim()) ?? [];
  if (amount !== undefined) return now - Number(amount) * (UNITS_MS[unit] ?? 0);
  return parseTime(text);
}
