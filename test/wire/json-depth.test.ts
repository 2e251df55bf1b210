import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTooDeep, maxJsonDepth } from "../../src/wire/json-depth.ts";

/** How deep a value is nested, by what it is. */
function depthOf(json: unknown): number {
  if (typeof json !== "object" || json === null) return 0;
  return 1 + Math.max(0, ...Object.values(json).map(depthOf));
}

describe("isTooDeep", () => {
  it.each([
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
    ["both", '[{"a":', "}]"],
  ])("should tell %s that are nested too deep", (_, open, close) => {
    const levels = maxJsonDepth / (open.length > 5 ? 2 : 1);
    const nested = (times: number): string => `${open.repeat(times)}1${close.repeat(times)}`;
    expect(isTooDeep(nested(levels))).toBe(false);
    expect(isTooDeep(nested(levels + 1))).toBe(true);
  });

  it("should not mind many that are side by side, or in strings", () => {
    expect(isTooDeep(`[${"[],".repeat(1_000)}[]]`)).toBe(false);
    expect(isTooDeep(JSON.stringify(['\\"[{'.repeat(1_000)]))).toBe(false);
  });

  it("should agree with the value", () => {
    const json = fc
      .tuple(fc.jsonValue(), fc.integer({ min: 90, max: 110 }))
      .map(([inner, depth]) => {
        let value: unknown = { inner, '}]"': '"]}' };
        for (let n = 0; n < depth; n++) value = n % 2 === 0 ? [value] : { "[": value };
        return value;
      });
    fc.assert(
      fc.property(json, (value) => {
        expect(isTooDeep(JSON.stringify(value))).toBe(depthOf(value) > maxJsonDepth);
      }),
    );
  });
});
