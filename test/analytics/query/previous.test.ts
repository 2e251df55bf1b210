import { describe, expect, it } from "vitest";
import { previousSpan } from "../../../src/analytics/query/previous.ts";

/** The beginning of the span before the one from `from` to `to`. */
function before(from: string, to: string, zone = "UTC"): string {
  const span = previousSpan({ from: Date.parse(from), to: Date.parse(to) }, zone);
  expect(span.to).toBe(Date.parse(from));
  return new Date(span.from).toISOString().replace(":00.000Z", "Z");
}

describe("the span before", () => {
  it("should have as many months as a span of whole months", () => {
    expect(before("2024-03-01T00:00Z", "2024-04-01T00:00Z")).toBe("2024-02-01T00:00Z");
    expect(before("2024-01-01T00:00Z", "2025-01-01T00:00Z")).toBe("2023-01-01T00:00Z");
    expect(before("2024-03-15T10:30Z", "2024-05-15T10:30Z")).toBe("2024-01-15T10:30Z");
    // There is no February 31.
    expect(before("2024-03-31T00:00Z", "2024-05-31T00:00Z")).toBe("2024-01-31T00:00Z");
    expect(before("2024-07-31T00:00Z", "2024-08-31T00:00Z")).toBe("2024-06-30T00:00Z");
  });

  it("should have whole months in the time zone, whatever UTC makes of them", () => {
    const month = ["2024-02-29T23:00Z", "2024-03-31T22:00Z"] as const;
    expect(before(...month, "Europe/Amsterdam")).toBe("2024-01-31T23:00Z");
    expect(before(...month, "UTC")).toBe("2024-01-30T00:00Z");
  });

  it("should have as many days as a span of whole days, whose hours may differ", () => {
    expect(before("2024-03-08T00:00Z", "2024-03-15T00:00Z")).toBe("2024-03-01T00:00Z");
    // From Saturday to Monday, over the night in which clocks go forward.
    const weekend = ["2024-03-29T23:00Z", "2024-03-31T22:00Z"] as const;
    expect(before(...weekend, "Europe/Amsterdam")).toBe("2024-03-27T23:00Z");
    const after = ["2024-03-31T22:00Z", "2024-04-01T22:00Z"] as const;
    expect(before(...after, "Europe/Amsterdam")).toBe("2024-03-30T23:00Z");
    // From the last day of a month to the last day of a shorter one is no whole month.
    expect(before("2024-01-31T00:00Z", "2024-02-29T00:00Z")).toBe("2024-01-02T00:00Z");
  });

  it("should be as long as any other span, to the millisecond", () => {
    expect(before("2024-03-08T12:00Z", "2024-03-08T18:00Z")).toBe("2024-03-08T06:00Z");
    const span = previousSpan({ from: 1_000_003, to: 1_000_010 }, "Asia/Kolkata");
    expect(span).toEqual({ from: 999_996, to: 1_000_003 });
    expect(previousSpan({ from: 5, to: 5 }, "UTC")).toEqual({ from: 5, to: 5 });
  });
});
