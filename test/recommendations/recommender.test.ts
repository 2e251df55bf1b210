import { expect, test, vi } from "vitest";
import type { CatalogItem } from "../../src/catalog/catalog.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { caller } from "../support/callers.ts";
import { item, Room, twoGenres } from "./room.ts";

test("a view changes the next answer, and takes what was viewed out of it, a hundred times", async () => {
  const room = await Room.open();
  const catalog: CatalogItem[] = [];
  for (let k = 0; k < 130; k++) catalog.push(item(`book ${k}`));
  await room.catalog.upsert(caller(), catalog);
  for (let viewer = 0; viewer < 60; viewer++) {
    const videos = Array.from({ length: 12 }, (_, k) => `book ${(viewer * 2 + k * 5) % 130}`);
    await room.view(`viewer ${viewer}`, ...videos);
  }
  await room.train();
  await room.view("reader", "book 0");
  for (let round = 0; round < 100; round++) {
    const before = await room.recommend("reader");
    const viewed = before[round % before.length]?.id as string;
    await room.view("reader", viewed);
    const after = await room.recommend("reader");
    expect(after).not.toEqual(before);
    expect(after.map((one) => one.id)).not.toContain(viewed);
  }
});

test("a call right after a restart knows the whole log", async () => {
  const room = await Room.open();
  await twoGenres(room);
  await room.view("reader", "a0", "a1");
  const answer = await room.recommend("reader");
  expect(answer.map((one) => one.id)).not.toContain("a0");
  await room.close();
  const next = await Room.open({ directory: room.directory });
  expect(await next.recommend("reader")).toEqual(answer);
  await next.close();
  const last = await Room.open({ directory: room.directory });
  const trending = await last.recommender.trendingItems(caller(), "", 100);
  expect(trending).toHaveLength(20);
});

test("somebody is recommended what those like who like the same, and is told why", async () => {
  const room = await Room.open();
  await twoGenres(room);
  await room.train();
  await room.view("reader", "a0");
  await room.feedback("reader", "a3", Kind.LIKE);
  const answer = await room.recommend("reader", { maxResults: 5 });
  for (const one of answer) {
    expect(one.id).toMatch(/^a[^03]$/);
    expect(one.reason).toMatch(/^Because you (viewed a0|liked a3)$/);
  }
  const verbs = new Map([
    ["rater", "rated"],
    ["buyer", "bought"],
  ]);
  await room.feedback("rater", "b1", Kind.RATING, 4);
  await room.feedback("buyer", "b1", Kind.PURCHASE);
  await room.catalog.upsert(
    caller(),
    ["b1", "b4", "b5"].map((name) => item(name)),
  );
  for (const [name, verb] of verbs) {
    const [first] = await room.recommend(name);
    expect(first?.reason).toBe(`Because you ${verb} Title of b1`);
  }
});

test("what somebody dislikes does not speak for what is similar to it", async () => {
  const room = await Room.open();
  await twoGenres(room);
  await room.train();
  await room.view("reader", "a0");
  await room.feedback("reader", "a0", Kind.RATING, 1);
  for (const one of await room.recommend("reader")) expect(one.reason).toBe("Trending now");
});

test("strangers and unknown users get what trends, and then what nobody has viewed", async () => {
  const room = await Room.open();
  await room.catalog.upsert(caller(), [
    item("new", ["romance"]),
    item("hot", ["romance"]),
    item("warm", ["romance"]),
    item("other"),
  ]);
  await room.train();
  await room.view("", "warm", "hot", "hot");
  for (const stranger of ["", "never seen"]) {
    const all = await room.recommend(stranger);
    expect(all.map((one) => [one.id, one.reason])).toEqual([
      ["hot", "Trending now"],
      ["warm", "Trending now"],
      ["new", "New in the catalog"],
      ["other", "New in the catalog"],
    ]);
    const romance = await room.recommend(stranger, { category: "romance" });
    expect(romance.map((one) => [one.id, one.reason])).toEqual([
      ["hot", "Trending in romance"],
      ["warm", "Trending in romance"],
      ["new", "New in romance"],
    ]);
  }
});

test("an empty server has nothing to recommend, and no category", async () => {
  const room = await Room.open();
  expect(await room.recommend("")).toEqual([]);
  expect(await room.recommender.trendingItems(caller(), "", 10)).toEqual([]);
  await expect(room.recommend("", { category: "romance" })).rejects.toMatchObject({
    code: "not_found",
    violations: [{ field: "category" }],
  });
  await expect(room.recommender.trendingItems(caller(), "romance", 10)).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(room.recommender.similarItems(caller(), "a", 10)).rejects.toMatchObject({
    code: "not_found",
    reason: "ITEM_NOT_FOUND",
  });
});

test("the catalog is followed: what it gets is offered, what it loses is not", async () => {
  const room = await Room.open();
  await room.view("", "film", "clip");
  const offered = async (): Promise<string[]> =>
    (await room.recommend("")).map(({ id: name, title }) => `${name}: ${title}`).toSorted();
  expect(await offered()).toEqual(["clip: ", "film: "]);
  await room.catalog.upsert(caller(), [item("film", ["drama"]), item("book", ["drama"])]);
  expect(await offered()).toEqual(["book: Title of book", "film: Title of film"]);
  await room.catalog.upsert(caller(), [{ ...item("book", ["poetry"]), title: "Emma" }]);
  expect(await offered()).toEqual(["book: Emma", "film: Title of film"]);
  await room.catalog.delete(caller(), "film");
  expect(await offered()).toEqual(["book: Emma"]);
  await expect(room.recommend("", { category: "drama" })).rejects.toThrow("drama");
  await room.reopenRecommender();
  expect(await offered()).toEqual(["book: Emma"]);
  await room.catalog.delete(caller(), "book");
  expect(await offered()).toEqual(["clip: ", "film: "]);
});

test("the most similar items come first, above 0 and at most 1, and only what is offered", async () => {
  const room = await Room.open();
  await twoGenres(room);
  expect(await room.recommender.similarItems(caller(), "a0", 10)).toEqual([]);
  await room.train();
  const similar = await room.recommender.similarItems(caller(), "a0", 100);
  expect(similar.length).toBeGreaterThan(3);
  for (const [place, one] of similar.entries()) {
    expect(one.id).toMatch(/^a[^0]$/);
    expect(one.score).toBeGreaterThan(0);
    expect(one.score).toBeLessThanOrEqual(similar[place - 1]?.score ?? 1);
  }
  const limited = await room.recommender.similarItems(caller(), "a0", 2);
  expect(limited).toEqual(similar.slice(0, 2));
  const least = similar.at(-1)?.id as string;
  await room.catalog.upsert(caller(), [item(least)]);
  const offered = await room.recommender.similarItems(caller(), "a0", 100);
  expect(offered.map((one) => one.id)).toEqual([least]);
});

test("views and positive feedback trend, negative feedback does not, and an opinion counts once", async () => {
  const room = await Room.open();
  await room.view("ann", "twice", "twice");
  await room.view("", "once");
  for (const value of [5, 4, 3, 5]) await room.feedback("ann", "once", Kind.RATING, value);
  await room.feedback("bob", "once", Kind.LIKE);
  await room.feedback("ann", "never", Kind.DISLIKE);
  await room.feedback("ann", "never", Kind.DISMISS);
  await room.feedback("ann", "regretted", Kind.RATING, 5);
  await room.feedback("ann", "regretted", Kind.RATING, 1);
  const trending = await room.recommender.trendingItems(caller(), "", 10);
  expect(trending.map((one) => one.id)).toEqual(["once", "twice"]);
  expect(trending[0]?.score).toBeCloseTo(3, 2);
  expect(trending[1]?.score).toBeCloseTo(2, 2);
});

test("repeating feedback changes nothing", async () => {
  const room = await Room.open();
  await twoGenres(room);
  await room.train();
  const feedback = [
    { viewer: "ann", video: "a1", kind: Kind.RATING, value: 5, time: Date.UTC(2026, 0, 1) },
    { viewer: "ann", video: "b1", kind: Kind.LIKE, value: 0, time: undefined },
  ];
  const first = await room.recommender.recordFeedback(caller(), feedback);
  expect(first).toMatchObject({ recorded: 2, unchanged: 0 });
  const answer = await room.recommend("ann");
  const again = await room.recommender.recordFeedback(caller(), feedback);
  expect(again).toEqual({ recorded: 0, unchanged: 2, position: first.position });
  expect(await room.recommend("ann")).toEqual(answer);
});

test("projects know nothing of each other", async () => {
  const room = await Room.open();
  const other = caller(1);
  await room.view("ann", "ours");
  await room.recommender.recordFeedback(other, [
    { viewer: "ann", video: "theirs", kind: Kind.VIEW, value: 0, time: undefined },
  ]);
  await room.catalog.upsert(other, [item("theirs", ["drama"])]);
  const names = async (who: typeof other): Promise<string[]> =>
    (await room.recommender.trendingItems(who, "", 10)).map((one) => one.id);
  expect(await names(caller())).toEqual(["ours"]);
  expect(await names(other)).toEqual(["theirs"]);
  for await (const _ of room.recommender.train(other));
  expect(await room.recommender.model(other)).toMatchObject({ items: 1, users: 1 });
  await expect(room.recommender.model(caller())).rejects.toMatchObject({ code: "not_found" });
});

test("a caller who gives up on a training does not end it", async () => {
  const room = await Room.open();
  await room.view("ann", "film");
  const gone = { ...caller(), signal: AbortSignal.abort(new Error("gone")) };
  const steps = room.recommender.train(gone);
  await expect(steps.next()).rejects.toThrow("gone");
  await vi.waitFor(() => room.recommender.model(caller()), { timeout: 30_000 });
});
