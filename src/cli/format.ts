const number = new Intl.NumberFormat("en-US");

/** A whole number with thousands separators: 1,234,567. */
export function count(value: number | bigint): string {
  return number.format(value);
}

/** A span of time as hours, minutes and seconds: 1:02:03. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${count(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** How long something takes, for people: "8 s", "2 min 5 s", "3 h 20 min". */
export function roughly(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${count(Math.floor(s / 3_600))} h ${Math.floor(s / 60) % 60} min`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
