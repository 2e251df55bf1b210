import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { ImportItemsRequestSchema } from "../../gen/catalog/v1/catalog_service_pb.js";
import { ItemSchema, type Item } from "../../gen/catalog/v1/item_pb.js";
import { internalCaller } from "../../src/caller.ts";
import { importItems } from "../../src/catalog/import.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startServer } from "../support/server.ts";
import { openCatalog } from "./catalog.ts";

type Batch = MessageInitShape<typeof ItemSchema>[];

async function* stream(
  ...batches: Batch[]
): AsyncGenerator<MessageInitShape<typeof ImportItemsRequestSchema>> {
  for (const items of batches) yield { items };
}

function numbered(from: number, count: number, title = "Title"): Batch {
  return Array.from({ length: count }, (_, index) => ({ id: `item-${from + index}`, title }));
}

function message(id: string): Item {
  return create(ItemSchema, { id, title: `Title of ${id}` });
}

describe("ImportItems", () => {
  it("should tell new items from different and from equal ones, over all batches", async () => {
    const { client } = await startServer();
    const batches = [numbered(0, 1_000), numbered(1_000, 500), [], numbered(0, 1, "Other")];
    expect(await client.catalog.importItems(stream(...batches))).toMatchObject({
      created: 1_500n,
      updated: 1n,
      unchanged: 0n,
      rejectedCount: 0n,
      rejected: [],
    });
    expect(await client.catalog.importItems(stream(numbered(1, 1_000)))).toMatchObject({
      created: 0n,
      updated: 0n,
      unchanged: 1_000n,
    });
    expect(await client.catalog.importItems(stream())).toMatchObject({ created: 0n });
    expect((await client.catalog.searchItems({ query: "other" })).items).toHaveLength(1);
  });

  it("should leave out the items that break their bounds, and say all that is wrong", async () => {
    const { client } = await startServer();
    const first = [{ id: "a", title: "A" }, { id: "b" }];
    const second = [
      { id: "c", title: "C" },
      { id: "", title: "", categories: ["ok", "Not ok"] },
    ];
    const answer = await client.catalog.importItems(stream(first, second));
    expect(answer).toMatchObject({ created: 2n, rejectedCount: 2n });
    expect(answer.rejected).toMatchObject([
      { index: 1n, field: "title", reason: "Required: it must not be empty." },
      { index: 3n, field: "id" },
      { index: 3n, field: "title" },
      { index: 3n, field: "categories[1]", reason: expect.stringMatching(/^Must be a slug: /) },
    ]);
    const { items } = await client.catalog.listItems({});
    expect(items.map(({ id }) => id)).toEqual(["a", "c"]);
  });

  it("should count all that it leaves out, and give the first 1,000 reasons", async () => {
    const { client } = await startServer();
    const bad = numbered(0, 600, "");
    const answer = await client.catalog.importItems(stream(bad, bad, [{ id: "a", title: "A" }]));
    expect(answer).toMatchObject({ created: 1n, rejectedCount: 1_200n });
    expect(answer.rejected.map(({ index }) => Number(index))).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index),
    );
  });

  it("should not repeat all of a long text in a reason", async () => {
    const { client } = await startServer();
    const long = "🎬".repeat(5_000);
    const bad = { id: "a", title: "A", categories: [long, long], properties: { [long]: "" } };
    const { rejected } = await client.catalog.importItems(stream([bad]));
    expect(rejected.length).toBeGreaterThan(2);
    for (const { field, reason } of rejected) {
      expect(field.length).toBeLessThanOrEqual(256);
      expect(reason.length).toBeLessThanOrEqual(256);
    }
  });

  it("should give one reason for a list that is too long, whatever else is wrong in it", async () => {
    const { client } = await startServer();
    const categories = Array.from({ length: 50_000 }, () => "a");
    const { rejected } = await client.catalog.importItems(
      stream([{ id: "a", title: "A", categories }]),
    );
    expect(rejected).toMatchObject([
      { index: 0n, field: "categories", reason: "At most 20 elements, not 50000." },
    ]);
  });

  it("should store the later of two items with the same id, and count only that", async () => {
    const { client } = await startServer();
    const batch = [
      { id: "a", title: "First" },
      { id: "b", title: "B" },
      { id: "a", title: "Second" },
      // It is left out, and so takes no item's place.
      { id: "a", title: "" },
    ];
    expect(await client.catalog.importItems(stream(batch))).toMatchObject({
      created: 2n,
      updated: 0n,
      unchanged: 0n,
      rejectedCount: 1n,
    });
    expect((await client.catalog.getItem({ id: "a" })).item?.title).toBe("Second");
    expect((await client.catalog.searchItems({ query: "first" })).items).toEqual([]);
  });

  it("should refuse a batch that is too large, naming it, and keep those before", async () => {
    const { client } = await startServer();
    await expect(
      client.catalog.importItems(stream(numbered(0, 2), numbered(2, 1_001), numbered(5_000, 1))),
    ).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "items: At most 1000 elements, not 1001.",
    });
    expect((await client.catalog.listItems({})).items).toHaveLength(2);
  });

  it("should end with a client that goes away, and keep what was stored before", async () => {
    const { client } = await startServer();
    const leaving = new AbortController();
    async function* batches() {
      yield { items: numbered(0, 3) };
      await expect.poll(async () => (await client.catalog.listItems({})).items.length).toBe(3);
      leaving.abort();
      yield { items: numbered(3, 3) };
    }
    await expect(
      client.catalog.importItems(batches(), { signal: leaving.signal }),
    ).rejects.toMatchObject({ code: Code.Canceled });
    expect(await client.catalog.importItems(stream(numbered(0, 3)))).toMatchObject({
      unchanged: 3n,
    });
    expect((await client.catalog.listItems({})).items).toHaveLength(3);
  });
});

describe("importItems", () => {
  it("should ask for a batch only when the one before is stored", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    const stored: boolean[] = [];
    async function* batches() {
      for (let batch = 0; batch < 5; batch++) {
        yield { items: [message(`item-${batch}`)] };
        stored.push((await catalog.get(caller(), `item-${batch}`)) !== undefined);
      }
    }
    expect(await importItems(caller(), catalog, batches())).toMatchObject({ created: 5 });
    expect(stored).toEqual([true, true, true, true, true]);
  });

  it("should fail as its batches do, with what was stored before them", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    async function* batches() {
      yield { items: [message("a")] };
      throw new Error("the batches end here");
    }
    await expect(importItems(caller(), catalog, batches())).rejects.toThrow("end here");
    expect(await catalog.get(caller(), "a")).toBeDefined();
  });

  it("should store nothing for a caller who is gone", async () => {
    const { catalog } = await openCatalog(await temporaryDirectory());
    const gone = new AbortController();
    async function* batches() {
      yield { items: [message("a")] };
      gone.abort(new Error("gone"));
      yield { items: [message("b")] };
    }
    const leaving = internalCaller(0, gone.signal);
    await expect(importItems(leaving, catalog, batches())).rejects.toThrow("gone");
    expect(await catalog.get(caller(), "a")).toBeDefined();
    expect(await catalog.get(caller(), "b")).toBeUndefined();
  });
});
