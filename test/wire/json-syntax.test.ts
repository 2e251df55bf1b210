import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { syntaxFault } from "../../src/wire/json-syntax.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("syntaxFault", () => {
  it.each([
    ["", "it ends too early (line 1 column 1)"],
    ['{"a": }', 'unexpected "}" (line 1 column 7)'],
    ['{"a": 1,}', 'unexpected "}" (line 1 column 9)'],
    ['{"a": 1\n "b": 2}', 'unexpected "\\"" (line 2 column 2)'],
    ["{'a': 1}", 'unexpected "\'" (line 1 column 2)'],
    ['{"a": 1', "it ends too early (line 1 column 8)"],
    ['{"a" 1}', 'unexpected "1" (line 1 column 6)'],
    ["[1 2]", 'unexpected "2" (line 1 column 4)'],
    ["[01]", 'unexpected "0" (line 1 column 2)'],
    ["nul", 'unexpected "n" (line 1 column 1)'],
    ["{} {}", 'unexpected "{" (line 1 column 4)'],
  ])("should find the place in %s", (text, fault) => {
    expect(syntaxFault(text)).toBe(fault);
  });

  it("should agree with JSON.parse on what is JSON, and on what is not", () => {
    const nearly = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", "]", '"', "1", "\\", "e", " "))
      .map(([json, at, change]) => {
        const index = at % (json.length + 1);
        return json.slice(0, index) + change + json.slice(index + (at % 2));
      });
    fc.assert(
      fc.property(nearly, (text) => {
        expect(syntaxFault(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it("should take nesting of any depth", () => {
    expect(syntaxFault("[".repeat(500_000))).toBe("it ends too early (line 1 column 500001)");
  });
});
