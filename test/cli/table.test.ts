import { describe, expect, it } from "vitest";
import { table, textWidth, visible } from "../../src/cli/table.ts";

const columns = [
  { title: "ID" },
  { title: "TITLE", cut: true },
  { title: "VIEWS", align: "right" },
] as const;

describe("a table", () => {
  it("aligns texts to the left and numbers to the right", () => {
    const text = table(
      columns,
      [
        ["1", "Emma", "12"],
        ["23", "Persuasion", "1,234"],
      ],
      Infinity,
    );
    expect(text).toBe(
      ["ID  TITLE       VIEWS", "1   Emma           12", "23  Persuasion  1,234"].join("\n"),
    );
  });

  it("cuts what may be cut so that each line fits the terminal, and nothing else", () => {
    const long = "The Strange Case of Dr Jekyll and Mr Hyde";
    const text = table(columns, [["id-that-is-kept", long, "1,234,567"]], 50);
    const [, row = ""] = text.split("\n");
    expect(textWidth(row)).toBe(50);
    expect(row).toMatch(/^id-that-is-kept {2}The Strange Case of.*… {2}1,234,567$/);
  });

  it("counts wide characters as two columns", () => {
    expect(textWidth("三体")).toBe(4);
    expect(textWidth("Grandpré")).toBe(8);
    expect(textWidth("👩‍🚀")).toBe(2);
    const text = table(
      columns,
      [
        ["1", "三体", "5"],
        ["2", "Emma", "5"],
      ],
      Infinity,
    );
    const [, wide = "", narrow = ""] = text.split("\n");
    expect(textWidth(wide)).toBe(textWidth(narrow));
  });

  it("lets no title steer the terminal or break the line", () => {
    expect(visible("a\u001b[31mb\r\nc\u0085d")).toBe("a [31mb c d");
    expect(table(columns, [["1", "a\nb\u001b[2J", "5"]], Infinity).split("\n")).toHaveLength(2);
  });
});
