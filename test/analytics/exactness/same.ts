/**
 * Where two answers differ, path by path. Figures that are computed in floating
 * point may differ in their last digits, and averages of durations by less than
 * a microsecond; all else must be equal.
 */
export function differences(expected: unknown, found: unknown, path = "answer"): string[] {
  if (typeof expected === "number" && typeof found === "number") {
    const off = Math.abs(expected - found);
    const allowed = path.endsWith(".averageWatchMs")
      ? 1
      : Number.isInteger(expected)
        ? 0
        : Math.abs(expected) * 1e-12;
    return off <= allowed ? [] : [`${path}: expected ${expected}, answered ${found}`];
  }
  if (!isObject(expected) || !isObject(found)) {
    if (expected === found) return [];
    return [`${path}: expected ${show(expected)}, answered ${show(found)}`];
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...keys].flatMap((key) => differences(expected[key], found[key], `${path}.${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 500) ?? "nothing";
}
