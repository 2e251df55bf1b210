import * as fc from "fast-check";
import { expect, test } from "vitest";
import { featuresOf } from "../../../src/recommendations/content/features.ts";
import { wordsOf } from "../../../src/recommendations/content/words.ts";

const words = (text: string, limit = 100): string[] => [...wordsOf(text, limit)];

test("words are runs of letters and digits, in lower case and without accents, each once", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["The Hunger Games (The Hunger Games, #1)", ["the", "hunger", "games"]],
    ["Émile ZOLA: l’Assommoir", ["emile", "zola", "assommoir"]],
    ["Emile\u0301 emile\u0301", ["emile"]],
    ["Ёлка", ["елка"]],
    ["1984", ["1984"]],
    ["हिन्दी में", ["हिन्दी", "में"]],
    ["대한민국 영화", ["대한민국", "영화"]],
    ["x".repeat(65), []],
  ];
  for (const [text, expected] of cases) expect(words(text), text).toEqual(expected);
});

test("scripts without spaces are taken apart by a dictionary", () => {
  expect(words("東京タワーの歴史")).toEqual(["東京タワー", "の", "歴史"]);
  expect(words("ภาษาไทย").length).toBeGreaterThan(1);
});

test("at most as many words as asked for come out, whatever the text is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 300 }),
      fc.integer({ min: 1, max: 9 }),
      (text, limit) => {
        const found = words(text, limit);
        expect(found.length).toBeLessThanOrEqual(limit);
        expect(words(text)).toEqual(expect.arrayContaining(found));
      },
    ),
  );
});

test("the features of an item are bounded, and say which field they are from", () => {
  const long = Array.from({ length: 5_000 }, (_, k) => `word${k}`).join(" ");
  const creators = Array.from({ length: 50 }, (_, k) => `Creator ${k}`);
  const content = { title: long, creators, categories: ["romance"], description: long };
  expect(featuresOf(content, () => false).length).toBeLessThanOrEqual(16 + 1 + 24 + 48);
  const small = {
    title: "Emma Emma",
    creators: ["Jane AUSTEN", "jane austen"],
    categories: ["romance"],
    description: "emma and more",
  };
  expect(featuresOf(small, (key) => key.endsWith("and"))).toEqual([
    "0jane austen",
    "1romance",
    "2emma",
    "3emma",
    "3more",
  ]);
});
