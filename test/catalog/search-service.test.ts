import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";

describe("SearchItems", () => {
  it("should page through what it finds, 20 at a time unless told otherwise", async () => {
    const { client } = await startServer();
    await client.catalog.upsertItems({
      items: Array.from({ length: 45 }, (_, index) => ({
        id: `item-${String(index).padStart(2, "0")}`,
        title: "Big Buck Bunny",
        categories: index % 3 === 0 ? ["animation"] : [],
      })),
    });
    const search = async (query: string, category: string, pageSize: number) => {
      const pages: string[][] = [];
      let pageToken = "";
      do {
        const page = await client.catalog.searchItems({ query, category, pageSize, pageToken });
        pages.push(page.items.map(({ id }) => id));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      return pages;
    };
    const all = await search("bunny", "", 0);
    expect(all.map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(new Set(all.flat()).size).toBe(45);
    expect((await search("bunny", "", 45)).map(({ length }) => length)).toEqual([45]);
    const animations = await search("buck", "animation", 10);
    expect(animations.map(({ length }) => length)).toEqual([10, 5]);
    expect(animations[1]?.at(-1)).toBe("item-42");
    expect(await search("bunny", "none", 0)).toEqual([[]]);
    expect(await search("?!", "", 0)).toEqual([[]]);
  });

  it("should find 1,000 items at most, over all pages", async () => {
    const { client } = await startServer();
    const items = (from: number) =>
      Array.from({ length: 600 }, (_, index) => ({ id: `${from + index}`, title: "Same" }));
    await client.catalog.upsertItems({ items: items(0) });
    await client.catalog.upsertItems({ items: items(600) });
    const ids = new Set<string>();
    let pageToken = "";
    let pages = 0;
    do {
      const page = await client.catalog.searchItems({ query: "same", pageSize: 70, pageToken });
      for (const { id } of page.items) ids.add(id);
      pageToken = page.nextPageToken;
      pages++;
    } while (pageToken !== "");
    expect(ids.size).toBe(1_000);
    expect(pages).toBe(15);
  });

  it("should refuse the page token of another search", async () => {
    const { client } = await startServer();
    const items = ["a", "b"].map((id) => ({ id, title: "Same", categories: ["x"] }));
    await client.catalog.upsertItems({ items });
    const query = "same";
    const { nextPageToken } = await client.catalog.searchItems({ query, pageSize: 1 });
    expect(nextPageToken).not.toBe("");
    const listed = await client.catalog.listItems({ pageSize: 1 });
    for (const other of [
      { query: "sam", pageToken: nextPageToken },
      { query, category: "x", pageToken: nextPageToken },
      { query, pageToken: listed.nextPageToken },
      { query, pageToken: "bogus" },
    ]) {
      await expect(client.catalog.searchItems(other)).rejects.toMatchObject({
        code: Code.InvalidArgument,
        rawMessage: expect.stringMatching(/^page_token: /),
      });
    }
  });

  it.each([
    [{}, "query: Required: it must not be empty."],
    [{ query: "x".repeat(257) }, "query: At most 256 characters, not 257."],
    [{ query: "x", pageSize: 101 }, "page_size: From 1 to 100, not 101."],
    [{ query: "x", pageSize: -1 }, "page_size: From 1 to 100, not -1."],
    [{ query: "x", category: "x".repeat(65) }, "category: At most 64 characters, not 65."],
  ])("should refuse what breaks its bounds, case %#", async (request, rawMessage) => {
    const { client } = await startServer();
    await expect(client.catalog.searchItems(request)).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage,
    });
  });
});
