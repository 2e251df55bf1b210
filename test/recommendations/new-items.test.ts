import { create } from "@bufbuild/protobuf";
import { expect, test, vi } from "vitest";
import { ImportItemsRequestSchema } from "../../gen/catalog/v1/catalog_service_pb.js";
import type { CatalogItem } from "../../src/catalog/catalog.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { caller } from "../support/callers.ts";
import { startServer } from "../support/server.ts";
import { Room } from "./room.ts";

const GENRES = ["romance", "horror", "history", "poetry"];
const AUTHORS = 12;
const BOOKS = 20;

/** A book of an author, whose genre is that of their number. */
function book(id: string, author: number, title = `Volume ${id}`): CatalogItem {
  return {
    id,
    title,
    creators: [`Author ${author}`],
    categories: [GENRES[author % GENRES.length] as string],
    description: "",
    properties: {},
  };
}

const catalog = Array.from({ length: AUTHORS * BOOKS }, (_, k) =>
  book(`book ${k}`, Math.floor(k / BOOKS)),
);

/** The fans of an author read eight books of theirs, and four of the next author of the genre. */
function readBy(fan: number): string[] {
  const author = fan % AUTHORS;
  const next = (author + GENRES.length) % AUTHORS;
  const own = Array.from(
    { length: 8 },
    (_, k) => `book ${author * BOOKS + ((fan + 3 * k) % BOOKS)}`,
  );
  const others = Array.from(
    { length: 4 },
    (_, k) => `book ${next * BOOKS + ((fan + 5 * k) % BOOKS)}`,
  );
  return [...own, ...others];
}

const FANS = Array.from({ length: 144 }, (_, fan) => fan);

async function audience(room: Room): Promise<void> {
  await room.catalog.upsert(caller(), catalog);
  for (const fan of FANS) await room.view(`fan ${fan}`, ...readBy(fan));
}

const ids = (answer: readonly { id: string }[]): string[] => answer.map((one) => one.id);

test("a new book is with its author's fans at once, over the public API, with no training", async () => {
  const { client } = await startServer();
  const message = ({ id, title, creators, categories }: CatalogItem) => ({
    id,
    title,
    creators: [...creators],
    categories: [...categories],
  });
  await client.catalog.upsertItems({ items: catalog.map(message) });
  for (const fan of FANS) {
    const feedback = readBy(fan).map((itemId) => ({
      userId: `fan ${fan}`,
      itemId,
      kind: Kind.LIKE,
    }));
    await client.recommendations.recordFeedback({ feedback });
  }
  for await (const _ of client.recommendations.trainModel({}));
  const topOf = async (fan: number): Promise<string[]> => {
    const asked = { userId: `fan ${fan}`, maxResults: 50 };
    return ids((await client.recommendations.recommend(asked)).recommendations);
  };
  await client.catalog.upsertItems({ items: [message(book("upserted", 3))] });
  await client.catalog.importItems(
    (async function* () {
      yield create(ImportItemsRequestSchema, { items: [message(book("imported", 7))] });
    })(),
  );
  for (const [id, author] of [
    ["upserted", 3],
    ["imported", 7],
  ] as const) {
    // It is in place within milliseconds; nothing else is done for it.
    await vi.waitFor(async () => expect(await topOf(author)).toContain(id), { timeout: 10_000 });
    for (const fan of FANS.filter((one) => one % AUTHORS === author)) {
      expect(await topOf(fan)).toContain(id);
    }
    const { items } = await client.recommendations.listSimilarItems({ id });
    expect(items.length).toBeGreaterThan(0);
    for (const { id: other } of items) {
      expect(Math.floor(Number(other.split(" ")[1]) / BOOKS) % GENRES.length).toBe(author % 4);
    }
  }
  // Who reads another genre is not told of it before what they like.
  const elsewhere = await topOf(0);
  expect(elsewhere.slice(0, 12)).not.toContain("upserted");
}, 120_000);

test("a new book names what its reader liked, and goes when the catalog loses it", async () => {
  const room = await Room.open();
  await audience(room);
  await room.train();
  await room.recommend("fan 3");
  await room.catalog.upsert(caller(), [book("new", 3)]);
  const find = async () =>
    (await room.recommend("fan 3", { maxResults: 50 })).find((one) => one.id === "new");
  await vi.waitFor(async () => expect(await find()).toBeDefined(), 10_000);
  const read = readBy(3).map((id) => `Because you viewed Volume ${id}`);
  expect(read).toContain((await find())?.reason);
  // Another author's, from now on.
  await room.catalog.upsert(caller(), [book("new", 2)]);
  await vi.waitFor(async () => {
    const answer = await room.recommend("fan 2", { maxResults: 50 });
    expect(ids(answer)).toContain("new");
  }, 10_000);
  await room.catalog.delete(caller(), "new");
  expect(await find()).toBeUndefined();
  expect(ids(await room.recommend("fan 2", { maxResults: 1_000 }))).not.toContain("new");
}, 60_000);

test("a new book that was read is not recommended because of itself", async () => {
  const room = await Room.open();
  await audience(room);
  await room.train();
  await room.catalog.upsert(caller(), [book("new", 3)]);
  await room.view("reader", "book 61", "new");
  for (const explain of [false, true]) {
    await vi.waitFor(async () => {
      const answer = await room.recommend("reader", { maxResults: 50, includeSeen: true, explain });
      const found = answer.find((one) => one.id === "new");
      expect(found?.reason).toBe("Because you viewed Volume book 61");
    }, 10_000);
  }
}, 60_000);

test("a new book stays with its fans while data of its own arrives, and over the next trainings", async () => {
  const room = await Room.open();
  await audience(room);
  await room.train();
  await room.recommend("fan 3");
  await room.catalog.upsert(caller(), [book("new", 3)]);
  const fans = FANS.filter((fan) => fan % AUTHORS === 3);
  const [readers, waiting] = [fans.slice(0, 8), fans.slice(8)];
  const inPlace = async (): Promise<void> => {
    for (const fan of waiting) {
      expect(ids(await room.recommend(`fan ${fan}`, { maxResults: 50 }))).toContain("new");
    }
  };
  await vi.waitFor(inPlace, 10_000);
  for (const [count, reader] of readers.entries()) {
    await room.view(`fan ${reader}`, "new");
    await inPlace();
    if (count % 3 !== 0) continue;
    await room.train();
    // At once after the training, and once all are looked at anew.
    await inPlace();
    await vi.waitFor(inPlace, 10_000);
  }
  await room.reopenRecommender();
  await vi.waitFor(inPlace, 10_000);
}, 120_000);

test("a stranger who views two romances gets romances, with and without a model", async () => {
  const room = await Room.open();
  await room.catalog.upsert(caller(), catalog);
  // What trends is horror.
  for (let k = 0; k < 10; k++) await room.view("", `book ${20 + k}`, `book ${20 + k}`);
  const romances = new Set(
    catalog.filter((one) => one.categories.includes("romance")).map((one) => one.id),
  );
  const shareOf = async (user: string): Promise<number> =>
    ids(await room.recommend(user)).filter((id) => romances.has(id)).length / 10;
  expect(await shareOf("stranger")).toBe(0);
  await room.view("stranger", "book 3");
  expect(await shareOf("stranger")).toBe(1);
  await room.view("stranger", "book 81");
  expect(await shareOf("stranger")).toBe(1);
  for (const fan of FANS) await room.view(`fan ${fan}`, ...readBy(fan));
  await room.train();
  expect(await shareOf("stranger")).toBe(1);
  // Romances that the model does not know, by an author it does not know.
  const written = ["x", "y", "z"].map((id) => ({ ...book(id, 0), creators: ["Debut"] }));
  await room.catalog.upsert(caller(), written);
  await room.view("newer", "x", "y");
  await vi.waitFor(async () => expect(await shareOf("newer")).toBeGreaterThanOrEqual(0.9), 10_000);
}, 60_000);

test("without a model, what is popular comes first of what is alike, and reasons name what was viewed", async () => {
  const room = await Room.open();
  const romance = (id: string): CatalogItem => ({
    ...book(id, 0, id),
    creators: [`Author of ${id}`],
  });
  await room.catalog.upsert(caller(), [
    ...["rose", "lily", "iris", "lilac"].map(romance),
    { ...romance("other"), categories: ["horror"] },
  ]);
  await room.view("", "iris", "iris", "iris", "lilac", "other", "other", "other", "other");
  expect(ids(await room.recommend("ann"))[0]).toBe("other");
  await room.view("ann", "rose");
  const answer = await room.recommend("ann");
  expect(ids(answer)).toEqual(["iris", "lilac", "lily", "other"]);
  expect(answer.map((one) => one.reason)).toEqual([
    "Because you viewed rose",
    "Because you viewed rose",
    "Because you viewed rose",
    "Trending now",
  ]);
});
