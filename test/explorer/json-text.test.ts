import type { JsonValue } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineAndColumn, readJson, withValue, writeJson } from "../../src/explorer/json-text.ts";

const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;

/** JSON.parse, but for whole numbers that it may have rounded. */
const parse = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value))
      ? String(value)
      : value,
  );

describe("JSON with places", () => {
  it("should be read as JSON.parse does", () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(readJson(text).value).toEqual(parse(text));
      }),
    );
  });

  it("should be refused when JSON.parse refuses it", () => {
    const broken = fc
      .tuple(json, fc.nat(), fc.constantFrom("", ",", "}", '"', "x", "\\", "-", "\n", "01"))
      .map(([value, at, put]) => {
        const text = JSON.stringify(value, null, 1);
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + (put === "" ? 1 : 0));
      });
    fc.assert(
      fc.property(broken, (text) => {
        const { fault } = readJson(text);
        let isRead = true;
        try {
          JSON.parse(text);
        } catch {
          isRead = false;
        }
        expect(fault === undefined, text).toBe(isRead);
        if (fault === undefined) return;
        expect(fault.start).toBeLessThanOrEqual(fault.end);
        expect(fault.end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 500 },
    );
  });

  it("should know where each value and each name is", () => {
    const text = '{\n  "a": [1, {"b": "x"}],\n  "c": true\n}';
    const { placeOf } = readJson(text) as Extract<ReturnType<typeof readJson>, { value: unknown }>;
    const at = (path: (string | number)[], part: "name" | "value"): string | undefined => {
      const place = placeOf?.(path, part);
      return place && text.slice(place.start, place.end);
    };
    expect(at(["a", 1, "b"], "value")).toBe('"x"');
    expect(at(["a", 1, "b"], "name")).toBe('"b"');
    expect(at(["a"], "value")).toBe('[1, {"b": "x"}]');
    expect(at(["nowhere"], "value")).toBeUndefined();
  });

  it.each([
    ['{"a": 1,}', 9, "name of a member"],
    ["[1 2]", 4, '"," or "]"'],
    ['{"a" 1}', 6, '":"'],
    ['{\n  "a": tru\n}', 8, "a value"],
    ['{"a": "x', 7, "does not end"],
    ["", 1, "a value"],
    ["{} {}", 4, "the end"],
    [String.raw`["\x"]`, 2, "escape"],
  ])("should say what is wrong in %j", (text, column, words) => {
    const { fault } = readJson(text);
    expect(fault?.message).toContain(words);
    expect(lineAndColumn(text, fault?.start ?? -1)[1]).toBe(column);
  });

  it("should not fall over values deep within each other", () => {
    expect(readJson("[".repeat(100_000)).fault?.message).toContain("100 times");
  });

  it("should keep whole numbers that JavaScript would round", () => {
    const { value } = readJson('{"position": 9223372036854775807, "ratio": 1e300}');
    expect(value).toEqual({ position: "9223372036854775807", ratio: 1e300 });
  });

  it("should keep members whose names mean something to JavaScript", () => {
    const text = '{"__proto__": {"a": 1}, "constructor": 2}';
    const { value } = readJson(text);
    expect(JSON.stringify(value)).toBe(text.replaceAll(": ", ":").replace(", ", ","));
    const changed = withValue(value, ["__proto__", "a"], 3);
    expect(JSON.stringify(changed)).toBe('{"__proto__":{"a":3},"constructor":2}');
  });
});

describe("Changing a value in JSON", () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat({ max: 0 })), { minLength: 1, maxLength: 4 });

  it("should be there when it is read again", () => {
    fc.assert(
      fc.property(json, path, json, (whole, at, value) => {
        const { value: read } = readJson(writeJson(withValue(whole, at, value) ?? null));
        let found: unknown = read;
        for (const part of at) found = (found as Record<string | number, unknown>)[part];
        expect(found).toEqual(parse(JSON.stringify(value)));
      }),
    );
  });

  it("should leave the rest, and its order", () => {
    const whole = { a: 1, b: { c: [1, 2, 3] }, d: 4 };
    expect(JSON.stringify(withValue(whole, ["b", "c", 1], 9))).toBe(
      '{"a":1,"b":{"c":[1,9,3]},"d":4}',
    );
    expect(withValue(whole, ["b"], undefined)).toEqual({ a: 1, d: 4 });
    expect(withValue(whole, ["b", "c", 0], undefined)).toEqual({ a: 1, b: { c: [2, 3] }, d: 4 });
    expect(whole).toEqual({ a: 1, b: { c: [1, 2, 3] }, d: 4 });
  });
});
