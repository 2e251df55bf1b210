import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailForm, emailKey } from "../../src/profiles/email.ts";

describe("emailKey", () => {
  it.each([
    ["ascii", "Ann@Example.ORG", "ann@example.org"],
    ["sharp s and SS", "straße@example.org", "STRASSE@EXAMPLE.ORG"],
    ["sharp s and its capital", "straße@example.org", "STRAẞE@example.org"],
    ["final sigma", "οδος@example.org", "ΟΔΟΣ@example.org"],
    ["final and other sigma", "οδος@example.org", "οδοσ@example.org"],
    ["sigma before a dot", "οδος.a@example.org", "ΟΔΟΣ.A@example.org"],
    ["dotted I", "İlker@example.org", "i\u0307lker@example.org"],
    ["dotless i, whose capital is I", "ılker@example.org", "ILKER@example.org"],
    ["composed and decomposed", "jos\u00e9@example.org", "JOSE\u0301@example.org"],
    ["iota below", "ᾳ@example.org", "ΑΙ@example.org"],
    ["double width", "ａｎｎ@example.org", "ANN@example.org"],
    ["a ligature", "ﬁnn@example.org", "FINN@example.org"],
    ["the Kelvin sign", "\u212Aim@example.org", "kim@example.org"],
    ["Cherokee", "Ꭰ@example.org", "ꭰ@example.org"],
    ["two cases beyond 16 bits", "𐐀@example.org", "𐐨@example.org"],
  ])("should take two spellings for the same: %s", (_, one, other) => {
    expect(emailKey(one)).toBe(emailKey(other));
  });

  it.each([
    ["other names", "ann@example.org", "anna@example.org"],
    ["accents", "jose@example.org", "josé@example.org"],
    ["an i with a dot of its own", "İlker@example.org", "ilker@example.org"],
    ["dots", "a.nn@example.org", "ann@example.org"],
    ["tags", "ann+shop@example.org", "ann@example.org"],
    ["letters that look alike", "аnn@example.org", "ann@example.org"],
  ])("should tell two addresses apart: %s", (_, one, other) => {
    expect(emailKey(one)).not.toBe(emailKey(other));
  });

  it("should be the same for every character in each case and form", () => {
    const differing: string[] = [];
    for (let point = 0; point < 0x11_0000; point++) {
      const character = String.fromCodePoint(point);
      const key = emailKey(character);
      const spellings = [
        character.toUpperCase(),
        character.toLowerCase(),
        character.normalize("NFKD"),
        key,
      ];
      // Most are spelled in one way only.
      if (spellings.some((other) => other !== character && emailKey(other) !== key)) {
        differing.push(`U+${point.toString(16)}`);
      }
    }
    expect(differing).toEqual([]);
  });

  it("should be the same for every text in each case and form", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const key = emailKey(text);
        expect(emailKey(text.toUpperCase())).toBe(key);
        expect(emailKey(text.toLowerCase())).toBe(key);
        expect(emailKey(text.normalize("NFD"))).toBe(key);
        expect(emailKey(text.normalize("NFKC"))).toBe(key);
        expect(emailKey(key)).toBe(key);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the form of an email address", () => {
  it.each([
    "a@b",
    "ann+x@example.org",
    "jösé@bücher.example",
    "a@[::1]",
    '"quoted"@x',
    "用户@例子",
  ])("should allow %j", (address) => {
    expect(emailForm.test(address)).toBe(true);
  });

  it.each([
    "",
    "ann",
    "@",
    "@b",
    "a@",
    "a@b@c",
    "a b@c",
    " a@b",
    "a@b ",
    "a@b\n",
    "a\u00a0b@c",
    "a\u0000@b",
    "a\u0085@b",
    "a@b\u007f",
    "a\ud800@b",
    "ann＠example.org",
  ])("should refuse %j", (address) => {
    expect(emailForm.test(address)).toBe(false);
  });
});
