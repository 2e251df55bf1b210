import * as fc from "fast-check";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { csv, isoTime } from "../../../src/web/dashboard/logic/csv.ts";

describe("CSV", () => {
  it("should quote what needs it, and leave nothing empty but what is", () => {
    expect(
      csv(
        ["video", "views"],
        [
          ['He said "no", twice', 3],
          ["", undefined],
        ],
      ),
    ).toBe('video,views\r\n"He said ""no"", twice",3\r\n,\r\n');
  });

  it.each(["=1+1", "+1", "-1", "@a", "\t=1", "  =1", "|calc", "\r=1"])(
    "should not let a spreadsheet take %j for a formula",
    (text) => {
      const [[cell] = []] = parse(csv([], [[text, -1]]), { from: 2, relax_column_count: true });
      expect(cell).toBe(`'${text}`);
    },
  );

  it("should leave numbers as they are", () => {
    expect(csv([], [[-1.5, 1e21]])).toBe("\r\n-1.5,1e+21\r\n");
  });

  it("should be read as it was written", () => {
    const text = fc.string({ unit: "binary" }).filter((value) => !/^\s*[=+\-@|\t\r]/.test(value));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.integer()), { minLength: 1 }), (rows) => {
        const read = parse(csv(["a", "b"], rows), { record_delimiter: "\r\n", from: 2 });
        expect(read).toEqual(rows.map(([a, b]) => [a, String(b)]));
      }),
    );
  });

  it("should have times as ISO 8601 has them", () => {
    expect(isoTime(1_767_323_045_000)).toBe("2026-01-02T03:04:05.000Z");
  });
});
