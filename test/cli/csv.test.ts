import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine, csvRows, type Row } from "../../src/cli/import/csv.ts";

async function rowsOf(bytes: Uint8Array, chunkBytes = 64): Promise<Row[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      yield Buffer.from(bytes.subarray(at, at + chunkBytes));
    }
  }
  const rows: Row[] = [];
  for await (const batch of csvRows(chunks(), ",")) rows.push(...batch);
  return rows;
}

describe("CSV", () => {
  it("has the line on which each row begins, whatever is quoted in the rows before", async () => {
    const text = 'a,b\r\n"x\r\ny",1\r\n\r\n"p\nq\nr","2"\r\nz,3';
    expect(await rowsOf(Buffer.from(text))).toEqual([
      { line: 1, values: ["a", "b"] },
      { line: 2, values: ["x\r\ny", "1"] },
      { line: 5, values: ["p\nq\nr", "2"] },
      { line: 8, values: ["z", "3"] },
    ]);
  });

  it("has the same rows and lines for any values, line ends and chunks", async () => {
    const value = fc.string({ unit: fc.constantFrom("a", "é", "三", ",", '"', "\n", "\r\n", " ") });
    await fc.assert(
      fc.asyncProperty(
        // A row of one empty value is an empty line.
        fc.array(fc.array(value, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (table, crlf, bom, chunkBytes) => {
          let text = bom ? "\uFEFF" : "";
          const expected: Row[] = [];
          for (const values of table) {
            expected.push({ line: text.split("\n").length, values });
            const line = csvLine(values);
            text += crlf ? `${line.slice(0, -1)}\r\n` : line;
          }
          expect(await rowsOf(Buffer.from(text), chunkBytes)).toEqual(expected);
        },
      ),
    );
  });

  it("takes a quote inside a value that is not quoted for itself, and loses no row by it", async () => {
    const rows = await rowsOf(Buffer.from('a,b\n5" disk,1\n"x"y,2\nz,3\n'));
    expect(rows.map((row) => row.values[1])).toEqual(["b", "1", "2", "3"]);
    expect(rows[1]?.values[0]).toBe('5" disk');
  });

  it("says on which line a quote is opened that is never closed", async () => {
    await expect(rowsOf(Buffer.from('a,b\n1,2\n3,"4\n5,6\n'))).rejects.toThrow(
      "line 3: a quote is opened and never closed",
    );
    const endless = `a,b\n1,"${"x\n".repeat(600_000)}`;
    await expect(rowsOf(Buffer.from(endless), 65_536)).rejects.toThrow("line 2: a quote is opened");
  });
});
