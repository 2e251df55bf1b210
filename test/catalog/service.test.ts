import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";

const emma = {
  id: "emma",
  title: "Emma",
  creators: ["Jane Austen"],
  categories: ["romance", "classics"],
  description: "A novel.",
  properties: { year: "1815" },
};

describe("CatalogService", () => {
  it("should store, get and delete an item", async () => {
    const { client } = await startServer();
    expect(await client.catalog.upsertItems({ items: [emma] })).toMatchObject({ created: 1 });
    expect(await client.catalog.upsertItems({ items: [emma] })).toMatchObject({ unchanged: 1 });
    expect((await client.catalog.getItem({ id: "emma" })).item).toMatchObject(emma);
    expect(await client.catalog.deleteItem({ id: "emma" })).toMatchObject({ deleted: true });
    expect(await client.catalog.deleteItem({ id: "emma" })).toMatchObject({ deleted: false });
    await expect(client.catalog.getItem({ id: "emma" })).rejects.toMatchObject({
      code: Code.NotFound,
      rawMessage: 'id: there is no item "emma"',
    });
  });

  it("should get many items at once, in the order that was asked for", async () => {
    const { client } = await startServer();
    const persuasion = { id: "persuasion", title: "Persuasion" };
    await client.catalog.upsertItems({ items: [emma, persuasion] });
    const ids = ["persuasion", "lost", "emma"];
    expect((await client.catalog.batchGetItems({ ids })).items).toMatchObject([persuasion, emma]);
    await expect(client.catalog.batchGetItems({ ids: ["emma", "emma"] })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: 'ids[1]: "emma" stands twice.',
    });
  });

  it("should store all items of a request or none", async () => {
    const { client } = await startServer();
    const items = [emma, { id: "persuasion" }];
    await expect(client.catalog.upsertItems({ items })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "items[1].title: Required: it must not be empty.",
    });
    expect((await client.catalog.listItems({})).items).toEqual([]);
  });

  it("should page through the items of a category", async () => {
    const { client } = await startServer();
    const ids = Array.from({ length: 25 }, (_, index) => `item-${String(index).padStart(2, "0")}`);
    await client.catalog.upsertItems({
      items: ids.map((id, index) => ({
        id,
        title: id,
        categories: index % 5 ? ["a"] : ["a", "b"],
      })),
    });
    const list = async (category: string): Promise<string[][]> => {
      const pages: string[][] = [];
      let pageToken = "";
      do {
        const page = await client.catalog.listItems({ category, pageSize: 10, pageToken });
        pages.push(page.items.map(({ id }) => id));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      return pages;
    };
    expect(await list("a")).toEqual([ids.slice(0, 10), ids.slice(10, 20), ids.slice(20)]);
    expect(await list("b")).toEqual([["item-00", "item-05", "item-10", "item-15", "item-20"]]);
    expect(await list("")).toHaveLength(3);
    const { nextPageToken } = await client.catalog.listItems({ category: "a", pageSize: 10 });
    await expect(
      client.catalog.listItems({ category: "b", pageSize: 10, pageToken: nextPageToken }),
    ).rejects.toMatchObject({ code: Code.InvalidArgument });
    expect((await client.catalog.listCategories({})).categories).toMatchObject([
      { name: "a", itemCount: 25n },
      { name: "b", itemCount: 5n },
    ]);
  });
});
