import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LAYOUTS, lookOf, shiftsInARow } from "../../../src/web/covers/looks.ts";
import { contrast, palettes, shapeOnPaper } from "../../../src/web/covers/palettes.ts";
import { hashOf, randomOf } from "../../../src/web/covers/seed.ts";
import { fitText } from "../../../src/web/covers/text-fit.ts";
import { textWidth } from "../../../src/web/covers/text-width.ts";
import { titleParts } from "../../../src/web/covers/title-parts.ts";

const box = { width: 160, height: 100, largest: 30, smallest: 10 };
const without = (text: string): string => text.replaceAll(/\s+/g, "");
const item = (title: string, creator = "Jane Austen") => ({
  id: title,
  title,
  creators: [creator],
  categories: ["classics"],
});

describe("fitText", () => {
  it("should set a short title in one line, as large as it may be", () => {
    expect(fitText("Emma", box)).toMatchObject({ lines: ["Emma"], size: 30 });
  });

  it("should break a title into lines of about the same length", () => {
    const { lines } = fitText("The Picture of Dorian Gray", box);
    expect(lines).toEqual(["The Picture", "of Dorian", "Gray"]);
  });

  it("should not leave a small word at the end of a line", () => {
    const titles = ["War and Peace", "Around the World in Eighty Days", "A Study in Scarlet"];
    for (const title of titles) {
      const { lines } = fitText(title, box);
      expect(lines.slice(0, -1).filter((line) => /\b(?:in|the|and)$/i.test(line))).toEqual([]);
    }
  });

  it("should break after hyphens, and between ideographs", () => {
    const narrow = { ...box, width: 130, smallest: 20 };
    expect(fitText("Twenty-Thousand", narrow).lines).toEqual(["Twenty-", "Thousand"]);
    const { lines, size } = fitText("紅樓夢與西遊記", narrow);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join("")).toBe("紅樓夢與西遊記");
    expect(lines.every((line) => [...line].length * size <= 130)).toBe(true);
  });

  it("should get smaller until a title fits, and cut it only then", () => {
    const long = "A Portrait of the Artist as a Young Man, with Annotations and an Introduction";
    const fitted = fitText(long, box);
    expect(fitted.size).toBeLessThan(30);
    expect(fitted.lines.join(" ")).toBe(long);
    const cut = fitText(`${long} `.repeat(20), box);
    expect(cut.size).toBe(10);
    expect(cut.lines.at(-1)).toMatch(/…$/);
    expect(fitText("x".repeat(1_000), box).lines.at(-1)).toMatch(/…$/);
  });

  it("should keep any text in its box, and all of its letters unless it is cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 120 }), (text) => {
        const { lines, size, lineHeight } = fitText(text, box);
        expect(lines.length * lineHeight).toBeLessThanOrEqual(box.height);
        const isCut = lines.at(-1)?.endsWith("…") === true;
        expect(isCut || without(lines.join("")) === without(text)).toBe(true);
        for (const line of lines.filter((one) => [...one].length > 2)) {
          expect(textWidth(line) * size).toBeLessThanOrEqual(box.width + 0.01);
        }
      }),
    );
  });

  it("should make nothing of nothing", () => {
    expect(fitText("  ", box).lines).toEqual([]);
  });
});

describe("titleParts", () => {
  it("should take subtitles and series from titles", () => {
    expect(titleParts("Frankenstein; or, The Modern Prometheus")).toEqual({
      main: "Frankenstein",
      sub: "Or, The Modern Prometheus",
    });
    expect(titleParts("The Hunger Games (The Hunger Games, #1)")).toEqual({
      main: "The Hunger Games",
      sub: "#1",
    });
    expect(titleParts("Catching Fire (The Hunger Games, #2)").sub).toBe("The Hunger Games, #2");
    expect(titleParts("Maus I: A Survivor's Tale: My Father Bleeds History (Maus, #1)")).toEqual({
      main: "Maus I",
      sub: "A Survivor's Tale: My Father Bleeds History",
    });
    expect(titleParts("Moby-Dick, or, the Whale").main).toBe("Moby-Dick");
  });

  it("should leave others as they are", () => {
    for (const title of ["Emma", "1984", "2001: Odyssey", "The Lion, the Witch and the Wardrobe"]) {
      expect(titleParts(title)).toEqual({ main: title, sub: "" });
    }
  });
});

describe("The look of a cover", () => {
  const many = Array.from({ length: 2_000 }, (_, at) => item(`Title ${at}`, `Creator ${at % 300}`));

  it("should be the same each time, and one that there is", () => {
    for (const one of many.slice(0, 100)) {
      expect(lookOf(one)).toEqual(lookOf({ ...one }));
      expect(lookOf(one).layout).toBeLessThan(LAYOUTS);
      expect(palettes[lookOf(one).palette]).toBeDefined();
    }
  });

  it("should use all layouts and palettes about equally", () => {
    for (const [part, count] of [
      ["layout", LAYOUTS],
      ["palette", palettes.length],
    ] as const) {
      const used = Map.groupBy(many, (one) => lookOf(one)[part]);
      expect(used.size).toBe(count);
      const fewest = Math.min(...[...used.values()].map((covers) => covers.length));
      expect(fewest).toBeGreaterThan(many.length / count / 2);
    }
  });

  it("should never be that of its neighbour in a row", () => {
    // All look alike by themselves.
    const alike = Array.from({ length: 5 }, () => item("Emma"));
    for (const row of [many, alike]) {
      const shifts = shiftsInARow(row);
      const looks = row.map((one, at) => lookOf(one, shifts[at]));
      const same = looks.filter(
        (look, at) =>
          look.layout === looks[at - 1]?.layout && look.palette === looks[at - 1]?.palette,
      );
      expect(same).toEqual([]);
    }
  });

  it("should have type that can be read", () => {
    for (const palette of palettes) {
      expect(contrast(palette.ground, palette.ink)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.paper, palette.paperInk)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.paper, shapeOnPaper(palette))).toBeGreaterThanOrEqual(2.2);
    }
  });

  it("should come of numbers that are spread evenly", () => {
    const random = randomOf(hashOf("seed"));
    const numbers = Array.from({ length: 10_000 }, random);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
    expect(numbers.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
