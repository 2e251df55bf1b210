import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CatalogChange } from "../../src/catalog/catalog.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { item, openCatalog } from "./catalog.ts";

describe("SqliteCatalog", () => {
  it("should give back an item as it was stored, through a restart", async () => {
    const directory = await temporaryDirectory();
    const before = await openCatalog(directory);
    const emma = item("emma", {
      title: "Emma; drop table item --",
      creators: ["Jane Austen", "Ünïcode 🎬"],
      categories: ["romance", "classics"],
      description: "A 'novel' about \"youthful hubris\".\n\u0000",
      properties: { year: "1815", __proto__2: "x" },
    });
    await before.catalog.upsert(caller(), [emma]);
    expect(await before.catalog.get(caller(), "emma")).toEqual(emma);
    await before.close();
    const { catalog } = await openCatalog(directory);
    expect(await catalog.get(caller(), "emma")).toEqual(emma);
    expect(await catalog.get(caller(), "Emma")).toBeUndefined();
  });

  it("should tell new items from different and from equal ones", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    const a = item("a", { properties: { x: "1", y: "2" } });
    expect(await catalog.upsert(caller(), [a, item("b")])).toEqual({
      created: 2,
      updated: 0,
      unchanged: 0,
    });
    const sameA = { ...a, properties: { y: "2", x: "1" } };
    expect(
      await catalog.upsert(caller(), [sameA, item("b", { title: "Other" }), item("c")]),
    ).toEqual({ created: 1, updated: 1, unchanged: 1 });
  });

  it("should announce what changed, and nothing else", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    const changes: CatalogChange[] = [];
    const stop = catalog.onChange(async (change) => void changes.push(change));
    await catalog.upsert(caller(), [item("a"), item("b")]);
    await catalog.upsert(caller(), [item("a"), item("b", { title: "Other" })]);
    await catalog.upsert(caller(), [item("a")]);
    await catalog.delete(caller(), "a");
    await catalog.delete(caller(), "a");
    stop();
    await catalog.delete(caller(), "b");
    expect(changes).toEqual([
      { project: 0, upserted: [item("a"), item("b")], deleted: [] },
      { project: 0, upserted: [item("b", { title: "Other" })], deleted: [] },
      { project: 0, upserted: [], deleted: ["a"] },
    ]);
  });

  it("should list by the bytes of the id, after any id, and by category", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4, unit: "grapheme" }), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.string({ maxLength: 3, unit: "grapheme" }),
        fc.integer({ min: 1, max: 10 }),
        async (ids, after, limit) => {
          const standing = await catalog.list(caller(), { category: "", after: "", limit: 1000 });
          for (const { id } of standing) await catalog.delete(caller(), id);
          await catalog.upsert(
            caller(),
            ids.map((id, index) => item(id, { categories: index % 2 === 0 ? ["even"] : ["odd"] })),
          );
          const listed = async (category: string): Promise<string[]> =>
            (await catalog.list(caller(), { category, after, limit })).map(({ id }) => id);
          const sorted = ids
            .filter((id) => Buffer.compare(Buffer.from(id), Buffer.from(after)) > 0)
            .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          const even = new Set(ids.filter((_, index) => index % 2 === 0));
          expect(await listed("")).toEqual(sorted.slice(0, limit));
          expect(await listed("even")).toEqual(sorted.filter((id) => even.has(id)).slice(0, limit));
          expect(await listed("none")).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("should count categories as items gain and lose them", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    await catalog.upsert(caller(), [
      item("a", { categories: ["x", "y"] }),
      item("b", { categories: ["y", "z"] }),
    ]);
    expect(await catalog.categories(caller())).toEqual([
      { name: "y", items: 2 },
      { name: "x", items: 1 },
      { name: "z", items: 1 },
    ]);
    await catalog.upsert(caller(), [item("a", { categories: ["x"] })]);
    await catalog.delete(caller(), "b");
    expect(await catalog.categories(caller())).toEqual([{ name: "x", items: 1 }]);
  });

  it("should keep projects apart", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    await catalog.upsert(caller(1), [item("a", { categories: ["x"] })]);
    expect(await catalog.get(caller(2), "a")).toBeUndefined();
    expect(await catalog.list(caller(2), { category: "", after: "", limit: 9 })).toEqual([]);
    expect(await catalog.categories(caller(2))).toEqual([]);
    expect(await catalog.delete(caller(2), "a")).toBe(false);
    expect(await catalog.get(caller(1), "a")).toBeDefined();
  });

  it("should serve many callers at the same time", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    const all = Array.from({ length: 40 }, (_, index) => `item-${index}`);
    await Promise.all(
      all.map(async (id) => {
        await catalog.upsert(caller(), [item(id), item("shared", { title: id })]);
        expect(await catalog.get(caller(), id)).toEqual(item(id));
      }),
    );
    expect(await catalog.list(caller(), { category: "", after: "", limit: 99 })).toHaveLength(41);
  });
});
