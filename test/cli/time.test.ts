import { describe, expect, it } from "vitest";
import { parseMoment, parseTime } from "../../src/cli/time.ts";

describe("a time", () => {
  it.each([
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2026-01-31T12:30", "2026-01-31T12:30:00.000Z"],
    ["2026-01-31 12:30:05", "2026-01-31T12:30:05.000Z"],
    ["2026-01-31T12:30:05.250Z", "2026-01-31T12:30:05.250Z"],
    ["2026-01-31T12:30:05,25+02:00", "2026-01-31T10:30:05.250Z"],
    ["2026-01-31T12:30:05-0130", "2026-01-31T14:00:05.000Z"],
    ["2026-01-31T12:30:05+01", "2026-01-31T11:30:05.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["1769862605", "2026-01-31T12:30:05.000Z"],
    ["1769862605.5", "2026-01-31T12:30:05.500Z"],
    ["1769862605250", "2026-01-31T12:30:05.250Z"],
  ])("written as %s is %s, in whatever zone this machine is", (text, expected) => {
    expect(new Date(parseTime(text) ?? Number.NaN).toISOString()).toBe(expected);
  });

  it.each([
    "",
    "yesterday",
    "2026-02-30",
    "2025-02-29",
    "2026-13-01",
    "31.01.2026",
    "2026-01-31T25:00",
    "1e9",
    "7d",
  ])("is not %j", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it("of an option may be so long ago", () => {
    const now = Date.UTC(2026, 0, 31);
    expect(parseMoment("7d", now)).toBe(Date.UTC(2026, 0, 24));
    expect(parseMoment("90m", now)).toBe(now - 5_400_000);
    expect(parseMoment("2026-01-31", now)).toBe(now);
    expect(parseMoment("7y", now)).toBeUndefined();
  });
});
