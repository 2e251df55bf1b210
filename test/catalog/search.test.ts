import { join } from "node:path";
import * as fc from "fast-check";
import { Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { describe, expect, it } from "vitest";
import type { CatalogItem } from "../../src/catalog/catalog.ts";
import type { SqliteCatalog } from "../../src/catalog/items.ts";
import { ThreadedSqliteDialect } from "../../src/storage/dialect.ts";
import { migrations } from "../../src/storage/migrations.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { item, openCatalog } from "./catalog.ts";

/** The ids of what a search finds, best first. */
async function found(
  catalog: SqliteCatalog,
  query: string,
  { project = 0, category = "", offset = 0, limit = 1_000 } = {},
): Promise<string[]> {
  const items = await catalog.search(caller(project), { query, category, offset, limit });
  return items.map(({ id }) => id);
}

async function catalogOf(...items: CatalogItem[]): Promise<SqliteCatalog> {
  const { catalog } = await openCatalog(await temporaryDirectory());
  await catalog.upsert(caller(), items);
  return catalog;
}

const library = [
  item("emma", {
    title: "Emma",
    creators: ["Jane Austen"],
    categories: ["romance", "science-fiction"],
    description: 'She said: "I am 21".\nAnd more.',
    properties: { year: "1815" },
  }),
  item("odyssey", { title: "Οδύσσεια", creators: ["Όμηρος"] }),
  item("more", { title: "Всё ещё \u0419од", description: "a robot\u{1FAE0}story" }),
  item("misérables", { title: "Les Misérables", creators: ["Victor Hugo", "Janet\u0000Smith"] }),
  item("neuromancer", { title: "NEUROMANCER", description: "Not by Jane, nor near her OR him." }),
];

describe("a search", () => {
  it.each([
    ["emma", ["emma"]],
    ["EMMA", ["emma"]],
    ["em", ["emma"]],
    ["mma", []],
    ["em jane", []],
    ["jane emma", ["emma"]],
    ["jane austen more", ["emma"]],
    ["fiction", ["emma"]],
    ["science-fiction", ["emma"]],
    ["21", ["emma"]],
    ["1815", []],
    ["Miserables", ["misérables"]],
    ["ΟΔΥΣΣΕΙΑ", ["odyssey"]],
    ["ομηροσ", ["odyssey"]],
    ["ВСЕ еще", ["more"]],
    ["\u0438\u0306од", ["more"]],
    ["robot story", ["more"]],
    ["mise\u0301ra", ["misérables"]],
    ["LES MISÉRABLES", ["misérables"]],
    ["néùromancer", ["neuromancer"]],
    ["hugo smith", ["misérables"]],
    ["jane jane", ["emma", "neuromancer"]],
    ["jane, ", ["emma", "misérables", "neuromancer"]],
    ["emma hugo", []],
    ["", []],
    ["!? -- 🎬 \u0301", []],
  ])("for %j should find %j", async (query, expected) => {
    const ids = await found(await catalogOf(...library), query);
    expect(ids.toSorted()).toEqual(expected);
  });

  it.each([
    ["emma OR hugo", []],
    ["emma AND hugo", []],
    ["jane OR him", ["neuromancer"]],
    ["emma NOT hugo", []],
    ["jane not by", ["neuromancer"]],
    ["NEAR(emma jane)", []],
    ["NEAR(not jane, 5)", []],
    ["near(not jane)", ["neuromancer"]],
    ["title:emma", []],
    ["-emma", ["emma"]],
    ["^jane", ["emma", "misérables", "neuromancer"]],
    ["{title} : jane", []],
    ['emma"', ["emma"]],
    ['"said I', ["emma"]],
    ["em* jane", []],
    ["jane + austen", ["emma"]],
    ["austen + jane", ["emma"]],
    ["emma; drop table item --", []],
  ])("for %j should take no character and no word for an operator", async (query, expected) => {
    const ids = await found(await catalogOf(...library), query);
    expect(ids.toSorted()).toEqual(expected);
  });

  it("should never fail, whatever the query is", async () => {
    const catalog = await catalogOf(...library);
    const pieces = ["AND", "OR", "NOT", "NEAR", "(", ")", "*", '"', "'", "-", ":", "^", "+", "{"];
    const piece = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...pieces, " ", "🎬"));
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (parts) => {
        await expect(found(catalog, parts.join(""))).resolves.toBeInstanceOf(Array);
      }),
      { numRuns: 300 },
    );
    const letters = Array.from({ length: 128 }, (_, index) => String.fromCodePoint(0x4e00 + index));
    expect(await found(catalog, letters.join(" "))).toEqual([]);
  });

  it("should put a match in the title first, then in creators, categories, descriptions", async () => {
    const catalog = await catalogOf(
      item("in-description", { title: "Book one", description: "dune" }),
      item("in-category", { title: "Book one", categories: ["dune"] }),
      item("in-creators", { title: "Book one", creators: ["dune"] }),
      item("in-title", { title: "Dune one" }),
      ...Array.from({ length: 20 }, (_, index) => item(`other-${index}`)),
    );
    expect(await found(catalog, "dune")).toEqual([
      "in-title",
      "in-creators",
      "in-category",
      "in-description",
    ]);
  });

  it("should put equal matches in the order of their ids, on pages too", async () => {
    const ids = ["e", "d", "c", "b", "a"];
    const catalog = await catalogOf(...ids.map((id) => item(id, { title: "Same" })));
    expect(await found(catalog, "same")).toEqual(["a", "b", "c", "d", "e"]);
    expect(await found(catalog, "same", { offset: 1, limit: 2 })).toEqual(["b", "c"]);
    expect(await found(catalog, "same", { offset: 5 })).toEqual([]);
  });

  it("should give back whole items", async () => {
    const catalog = await catalogOf(...library);
    const options = { query: "emma", category: "romance", offset: 0, limit: 1 };
    expect(await catalog.search(caller(), options)).toEqual([library[0]]);
  });

  it("should keep projects apart", async () => {
    const catalog = await catalogOf();
    await catalog.upsert(caller(1), [item("a", { title: "Emma", categories: ["y"] })]);
    await catalog.upsert(caller(2), [item("a", { title: "Persuasion", categories: ["x"] })]);
    expect(await found(catalog, "emma", { project: 1 })).toEqual(["a"]);
    expect(await found(catalog, "emma", { project: 1, category: "y" })).toEqual(["a"]);
    expect(await found(catalog, "emma", { project: 1, category: "x" })).toEqual([]);
    expect(await found(catalog, "emma", { project: 2 })).toEqual([]);
    expect(await found(catalog, "persuasion", { project: 2, category: "x" })).toEqual(["a"]);
    await catalog.delete(caller(2), "a");
    expect(await found(catalog, "emma", { project: 1 })).toEqual(["a"]);
    expect(await found(catalog, "persuasion", { project: 2 })).toEqual([]);
  });
});

describe("the index", () => {
  it("should find what a reading of all items finds, as they come, change and go", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    const words = [
      "emma",
      "Emmy",
      "ÉMMA",
      "jane",
      "Ja\u0301n",
      "AND",
      "near",
      "3",
      "30",
      "東京",
      "ß",
    ];
    const word = fc.constantFrom(...words);
    const gap = fc.constantFrom(" ", "-", '"', "*", ":", "\n", "🎬", "\u0000", "_");
    const text = fc
      .array(fc.tuple(word, gap), { maxLength: 4 })
      .map((parts) => parts.flat().join(""));
    const category = fc.constantFrom("emma-3", "jan", "x");
    const change = fc.record({
      id: fc.constantFrom("1", "2", "3", "4", "5", "6"),
      deleted: fc.boolean(),
      title: text,
      creators: fc.array(text, { maxLength: 2 }),
      categories: fc.uniqueArray(category, { maxLength: 2 }),
      description: text,
    });
    const standing = new Map<string, CatalogItem>();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(change, { selector: ({ id }) => id, maxLength: 4 }),
        text,
        fc.option(category, { nil: "" }),
        async (changes, query, only) => {
          const upserted = changes.flatMap(({ deleted, id, ...parts }) =>
            deleted ? [] : [item(id, parts)],
          );
          await catalog.upsert(caller(), upserted);
          for (const one of upserted) standing.set(one.id, one);
          for (const { id, deleted } of changes) {
            if (!deleted) continue;
            await catalog.delete(caller(), id);
            standing.delete(id);
          }
          const expected = [...standing.values()]
            .filter((one) => only === "" || one.categories.includes(only))
            .filter((one) => matches(one, query))
            .map(({ id }) => id);
          const ids = await found(catalog, query, { category: only });
          expect(ids.toSorted()).toEqual(expected.toSorted());
        },
      ),
      { numRuns: 300 },
    );
  });

  it("should rank as one that is new, however much has changed", async () => {
    const items = Array.from({ length: 30 }, (_, index) =>
      item(`${index}`, {
        title: index % 3 === 0 ? "Dune" : "Sand",
        description: "dune ".repeat(index % 7) + "sand ".repeat(index % 5),
      }),
    );
    const changed = await catalogOf(...items);
    for (let round = 0; round < 3; round++) {
      await changed.upsert(
        caller(),
        items.map((one) => ({ ...one, title: "Dune dune", description: "other words" })),
      );
      for (const { id } of items.slice(10)) await changed.delete(caller(), id);
      await changed.upsert(caller(), items);
    }
    const fresh = await catalogOf(...items);
    expect(await found(changed, "dune")).toEqual(await found(fresh, "dune"));
  });

  it("should have the items that were there before it", async () => {
    const directory = await temporaryDirectory();
    const before = new Kysely<never>({
      dialect: new ThreadedSqliteDialect(join(directory, "state.db"), () => {}),
    });
    const provider = { getMigrations: async () => migrations };
    await new Migrator({ db: before, provider }).migrateTo("0001_catalog");
    await sql`
        insert into item (project, id, title, creators, categories, description, properties)
        values (0, 'emma', 'Emma', '["Jane Austen"]', '["romance"]', 'A novel.', '{}'),
               (1, 'emma', 'Persuasion', '[]', '[]', '', '{}')
      `.execute(before);
    await before.destroy();
    const { catalog } = await openCatalog(directory);
    expect(await found(catalog, "austen romance novel emma")).toEqual(["emma"]);
    expect(await found(catalog, "persuasion")).toEqual([]);
    expect(await found(catalog, "persuasion", { project: 1 })).toEqual(["emma"]);
    await catalog.upsert(caller(), [item("emma", { title: "Other" })]);
    expect(await found(catalog, "emma")).toEqual([]);
    expect(await found(catalog, "other")).toEqual(["emma"]);
  });
});

/** Whether all words of the query are in an item, the last one at least begun. */
function matches(one: CatalogItem, query: string): boolean {
  const text = [one.title, ...one.creators, ...one.categories, one.description];
  const words = text.flatMap(wordsOf);
  const wanted = wordsOf(query);
  const last = wanted.pop();
  return (
    last !== undefined &&
    wanted.every((word) => words.includes(word)) &&
    words.some((word) => word.startsWith(last))
  );
}

/** The words of a text, without their case and accents. */
function wordsOf(text: string): string[] {
  const plain = text.normalize("NFD").replaceAll(/[\u0300-\u036f]/g, "");
  return plain.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
