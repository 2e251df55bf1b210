import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Boost } from "../../src/recommendations/boosts.ts";
import { randomFrom } from "../../src/random.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { caller } from "../support/callers.ts";
import { item, Room, twoGenres } from "./room.ts";

/** A trained room of two genres whose items are in the catalog; each by one of five creators. */
async function library(): Promise<Room> {
  const room = await Room.open();
  await twoGenres(room);
  const ids = ["a", "b"].flatMap((genre) => Array.from({ length: 10 }, (_, k) => `${genre}${k}`));
  await room.catalog.upsert(
    caller(),
    ids.map((id, k) => ({
      ...item(id, [id.startsWith("a") ? "adventure" : "biography"]),
      creators: [`creator ${k % 5}`],
    })),
  );
  await room.train();
  return room;
}

const names = (answer: readonly { readonly id: string }[]): string[] => answer.map(({ id }) => id);

describe("boosts", () => {
  const factor = fc.constantFrom(0.1, 0.5, 2, 3, 10);
  const boost: fc.Arbitrary<Boost> = fc.oneof(
    fc.record({
      target: fc.constant("category" as const),
      name: fc.constantFrom("adventure", "biography", "unknown"),
      factor,
    }),
    fc.record({
      target: fc.constant("creator" as const),
      name: fc.constantFrom("creator 0", "creator 1", "nobody"),
      factor,
    }),
    fc.record({
      target: fc.constant("item" as const),
      name: fc.constantFrom("a1", "a2", "b3", "unknown"),
      factor,
    }),
  );

  test("multiply the scores of all items before the best are taken", async () => {
    const room = await library();
    // Somebody of both genres, so that the model has a score for nearly everything.
    await room.view("reader", "a0", "b0");
    const plain = await room.recommend("reader", { maxResults: 1_000 });
    const scored = plain.filter(({ reason }) => reason.startsWith("Because"));
    expect(scored.length).toBeGreaterThan(10);
    const factorOf = (id: string, boosts: readonly Boost[]): number => {
      const place = Number(id.slice(1)) + (id.startsWith("a") ? 0 : 10);
      const category = id.startsWith("a") ? "adventure" : "biography";
      const known = new Set([category, `creator ${place % 5}`, id]);
      const product = boosts
        .filter(({ name }) => known.has(name))
        .reduce((all, one) => all * one.factor, 1);
      return Math.min(100, Math.max(0.01, product));
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(boost, { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        async (boosts, maxResults) => {
          const expected = scored
            .map(({ id, score }) => score * factorOf(id, boosts))
            .toSorted((a, b) => b - a)
            .slice(0, maxResults);
          const answer = await room.recommend("reader", { maxResults, boosts });
          expect(answer).toHaveLength(maxResults);
          for (const [place, { id, score }] of answer.entries()) {
            const before = scored.find((one) => one.id === id)?.score ?? Number.NaN;
            expect(score).toBeCloseTo(before * factorOf(id, boosts), 6);
            expect(score).toBeCloseTo(expected[place] ?? Number.NaN, 6);
          }
        },
      ),
    );
  });

  test("multiply the weight of what trends, and bring forward what nobody has viewed", async () => {
    const room = await Room.open();
    await room.catalog.upsert(caller(), [item("hot"), item("warm", ["drama"]), item("new")]);
    await room.catalog.upsert(caller(), [item("newer", ["drama"])]);
    await room.view("", "hot", "hot", "hot", "warm");
    const drama = (by: number): Boost => ({ target: "category", name: "drama", factor: by });
    expect(names(await room.recommend(""))).toEqual(["hot", "warm", "new", "newer"]);
    const boosted = await room.recommend("", { boosts: [drama(4)] });
    expect(names(boosted)).toEqual(["warm", "hot", "newer", "new"]);
    const lowered = await room.recommend("", { boosts: [drama(2)] });
    expect(names(lowered)).toEqual(["hot", "warm", "newer", "new"]);
  });
});

describe("a session", () => {
  test("without an identity counts as what a viewer did", async () => {
    const room = await library();
    await room.view("reader", "a0", "a3");
    const known = await room.recommend("reader", { maxResults: 5 });
    const session = ["a0", "a3"].map((id) => ({ id, kind: Kind.VIEW, value: 0 }));
    const answer = await room.recommend("", { session, maxResults: 5 });
    expect(names(answer)).toEqual(names(known));
    for (const [place, { score, reason }] of answer.entries()) {
      expect(score).toBeCloseTo(known[place]?.score ?? Number.NaN, 5);
      expect(reason).toMatch(/^Because you viewed Title of a[03]$/);
    }
  });

  test("counts together with what the log has of a user", async () => {
    const room = await library();
    await room.view("reader", "a0", "a3");
    const session = [{ id: "b1", kind: Kind.PURCHASE, value: 0 }];
    const answer = await room.recommend("reader", { session, maxResults: 1_000 });
    const reasons = new Set(answer.map(({ reason }) => reason));
    expect(reasons).toContain("Because you bought Title of b1");
    expect([...reasons].some((reason) => reason.startsWith("Because you viewed"))).toBe(true);
    for (const seen of ["a0", "a3", "b1"]) expect(names(answer)).not.toContain(seen);
  });

  test("says what is not wanted, and may name what nobody knows", async () => {
    const room = await library();
    const session = [
      { id: "never heard of", kind: Kind.VIEW, value: 0 },
      { id: "a1", kind: Kind.VIEW, value: 0 },
      { id: "a2", kind: Kind.DISMISS, value: 0 },
    ];
    const options = { session, includeSeen: true, maxResults: 1_000 };
    const answer = names(await room.recommend("", options));
    expect(answer).toContain("a1");
    expect(answer).not.toContain("a2");
    const unknown = await room.recommend("", { session: session.slice(0, 1) });
    expect(unknown).toEqual(await room.recommend(""));
  });
});

describe("what is looked at", () => {
  test("is fitted to, together with what the viewer did, and is not recommended", async () => {
    const room = await library();
    await room.view("reader", "a0", "a1", "a2", "a3");
    const alone = await room.recommend("", { context: "b5", maxResults: 5 });
    for (const { id, reason } of alone) {
      expect(id).toMatch(/^b[^5]$/);
      expect(reason).toBe("Because you look at Title of b5");
    }
    const both = await room.recommend("reader", { context: "b5", maxResults: 8 });
    const genres = new Set(both.map(({ id }) => id[0]));
    expect(genres).toEqual(new Set(["a", "b"]));
    const seen = { context: "b5", includeSeen: true, maxResults: 1_000 };
    expect(names(await room.recommend("reader", seen))).not.toContain("b5");
    const unknown = await room.recommend("reader", { context: "never heard of" });
    expect(names(unknown)).toEqual(names(await room.recommend("reader")));
  });
});

test("diversity brings in what would come later by its score alone", async () => {
  const room = await library();
  await room.view("reader", "a0", "a1", "a2", "b0");
  const ask = async (diversity: number): Promise<string[]> =>
    names(await room.recommend("reader", { diversity, maxResults: 6 }));
  const [plain, diverse] = [await ask(0), await ask(0.9)];
  const others = (ids: readonly string[]): number => ids.filter((id) => id.startsWith("b")).length;
  expect(others(diverse)).toBeGreaterThan(others(plain));
  // The best is the first, however different the others are to be.
  expect(diverse[0]).toBe(plain[0]);
});

test("a stranger who viewed two romances gets romances, once there is a model", async () => {
  const room = await Room.open();
  const ids = Array.from({ length: 40 }, (_, k) => `book ${k}`);
  const genreOf = (k: number): string => ["romance", "horror", "poetry", "crime"][k % 4] as string;
  await room.catalog.upsert(
    caller(),
    ids.map((id, k) => item(id, [genreOf(k)])),
  );
  const random = randomFrom(1);
  for (let reader = 0; reader < 200; reader++) {
    const own = ids.filter((_, k) => k % 4 === reader % 4 && random() < 0.6);
    await room.view(`reader ${reader}`, ...own);
  }
  await room.train();
  await room.view("stranger", "book 0", "book 4");
  const answer = await room.recommend("stranger", { maxResults: 8 });
  for (const { id } of answer) expect(genreOf(Number(id.slice(5)))).toBe("romance");
  const session = ["book 0", "book 4"].map((id) => ({ id, kind: Kind.VIEW, value: 0 }));
  expect(names(await room.recommend("", { session, maxResults: 8 }))).toEqual(names(answer));
});
