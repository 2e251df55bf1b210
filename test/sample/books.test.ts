import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ItemSchema } from "../../gen/catalog/v1/item_pb.js";
import { itemViolations } from "../../src/catalog/rules.ts";
import { readBooks } from "../../src/sample/books.ts";
import { bursts } from "../../src/sample/bursts.ts";
import { FAMOUS } from "../../src/sample/shelves.ts";

const CATEGORIES = [
  ...["adventure", "biography", "children", "drama", "essays", "fantasy", "fiction"],
  ...["historical-fiction", "history", "horror", "humor", "mystery", "philosophy", "poetry"],
  ...["politics", "romance", "science", "science-fiction", "short-stories", "travel"],
];

const books = await readBooks();

/** What stands in more than one place. */
function repeated(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

/** A text without its case, accents and punctuation. */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z]/g, "");
}

it("should be some hundred books, by id", () => {
  expect(books.length).toBeGreaterThan(300);
  const ids = books.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
});

it("should have nothing twice: no id, no title, no description", () => {
  expect(repeated(books.map(({ id }) => id))).toEqual([]);
  expect(repeated(books.map(({ title }) => plain(title)))).toEqual([]);
  expect(repeated(books.map(({ description }) => description))).toEqual([]);
});

it("should keep the bounds of a catalog", () => {
  const wrong = books.filter(({ id, title, authors, categories, description }) => {
    const item = { id, title, creators: [...authors], categories: [...categories], description };
    return itemViolations(create(ItemSchema, item)).length > 0;
  });
  expect(wrong).toEqual([]);
});

it("should have ids that are slugs of the titles, or of what is before a colon", () => {
  const others = books.filter(({ id, title }) => {
    const letters = id.replaceAll("-", "");
    return ![plain(title), plain(title.split(":")[0] ?? "")].includes(letters);
  });
  expect(others).toEqual([]);
});

it("should be from the time between the first printed books and 1930", () => {
  const years = books.map(({ year }) => year);
  expect(years.filter((year) => !Number.isInteger(year))).toEqual([]);
  expect(Math.min(...years)).toBeGreaterThan(1450);
  // In the public domain in the United States, too.
  expect(Math.max(...years)).toBeLessThanOrEqual(1930);
});

it("should name each author and language in one way, and in full", () => {
  const authors = new Set(books.flatMap((book) => book.authors));
  expect(repeated([...authors].map(plain))).toEqual([]);
  expect([...authors].filter((author) => author.trim() !== author || author === "")).toEqual([]);
  const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  const unknown = books.filter(({ language }) => {
    return !/^[a-z]{2}$/.test(language) || names.of(language) === undefined;
  });
  expect(unknown).toEqual([]);
});

it("should have no author whose works span more than a life", () => {
  const years = new Map<string, number[]>();
  for (const { authors, year } of books) {
    for (const author of authors) years.set(author, [...(years.get(author) ?? []), year]);
  }
  const spans = [...years].map(([author, all]) => ({
    author,
    span: Math.max(...all) - Math.min(...all),
  }));
  // "Billy Budd" came out long after its author's death.
  expect(spans.filter(({ span }) => span > 60).map(({ author }) => author)).toEqual([
    "Herman Melville",
  ]);
});

it("should have known categories only, each with some books", () => {
  const counts = new Map<string, number>();
  for (const category of books.flatMap(({ categories }) => categories)) {
    counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual(CATEGORIES);
  expect([...counts].filter(([, count]) => count < 5)).toEqual([]);
  expect(books.filter(({ categories }) => categories.length === 0)).toEqual([]);
});

it("should describe each book in a short sentence", () => {
  const others = books.filter(({ description }) => !/^[A-Z"].{3,138}[.]$/u.test(description));
  expect(others).toEqual([]);
});

it("should have all books that the simulation names", () => {
  const ids = new Set(books.map(({ id }) => id));
  const named = [...FAMOUS, ...bursts.map(({ videoName }) => videoName)];
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});
