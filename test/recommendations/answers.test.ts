import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError } from "../../src/errors.ts";
import type { Recommendation, RecommendOptions } from "../../src/recommendations/recommender.ts";
import { Kind } from "../../src/recommendations/signals.ts";
import { caller } from "../support/callers.ts";
import { item, Room } from "./room.ts";

const ids = Array.from({ length: 14 }, (_, k) => `item ${k}`);
const categories = ["drama", "horror", "poetry"];

const id = fc.constantFrom(...ids);
const user = fc.constantFrom("ann", "bob", "cid", "dee", "eve");
interface Interaction {
  readonly user: string;
  readonly id: string;
  readonly kind: number;
  readonly value: number;
}

const interaction: fc.Arbitrary<Interaction> = fc.record({
  user,
  id,
  kind: fc.integer({ min: 0, max: 6 }),
  value: fc.integer({ min: 1, max: 5 }),
});
const catalogs = fc.uniqueArray(
  fc.record({ id, categories: fc.uniqueArray(fc.constantFrom(...categories)) }),
  { selector: (entry) => entry.id },
);
const interactionLists = fc.array(interaction, { maxLength: 60, size: "max" });
const request: fc.Arbitrary<RecommendOptions> = fc.record({
  user: fc.oneof(user, fc.constantFrom("", "nobody")),
  category: fc.constantFrom("", "", ...categories),
  maxResults: fc.integer({ min: 1, max: 16 }),
  excludeIds: fc.array(id),
  includeSeen: fc.boolean(),
});
const requests = fc.array(request, { minLength: 10, maxLength: 20, size: "max" });

function write(room: Room, { user: viewer, id: video, kind, value }: Interaction): Promise<void> {
  if (kind === Kind.COUNTED_VIEW) return room.view(viewer, video);
  return room.feedback(viewer, video, kind, kind === Kind.RATING ? value : 0);
}

interface World {
  readonly room: Room;
  readonly catalog: readonly { readonly id: string; readonly categories: readonly string[] }[];
  readonly interactions: readonly Interaction[];
}

/** What may be in an answer; undefined if the catalog does not have the category. */
function possibleIn(
  { catalog, interactions }: World,
  asked: RecommendOptions,
): Set<string> | undefined {
  const out = new Set(asked.excludeIds);
  for (const own of interactions) {
    const isRefusal = own.kind === Kind.DISLIKE || own.kind === Kind.DISMISS;
    if (own.user === asked.user && (isRefusal || !asked.includeSeen)) out.add(own.id);
  }
  const named = catalog.filter((entry) => entry.categories.includes(asked.category));
  if (asked.category !== "" && named.length === 0) return undefined;
  const all = asked.category === "" ? catalog : named;
  const offered = catalog.length > 0 ? all : interactions;
  return new Set(offered.map((entry) => entry.id).filter((name) => !out.has(name)));
}

/** The reasons that an answer may give. */
function reasonsFor(
  { interactions }: World,
  { user: asker, category }: RecommendOptions,
): Set<string> {
  const reasons = new Set([
    category === "" ? "Trending now" : `Trending in ${category}`,
    category === "" ? "New in the catalog" : `New in ${category}`,
  ]);
  for (const own of interactions.filter((entry) => entry.user === asker)) {
    for (const verb of ["viewed", "liked", "rated", "bought"]) {
      reasons.add(`Because you ${verb} ${own.id}`).add(`Because you ${verb} Title of ${own.id}`);
    }
  }
  return reasons;
}

/** What is wrong with the answer to a request. */
async function faultsOf(world: World, asked: RecommendOptions): Promise<string[]> {
  const possible = possibleIn(world, asked);
  let answer: Recommendation[];
  try {
    answer = await world.room.recommend(asked.user, asked);
  } catch (error) {
    const right = error instanceof DomainError && error.reason === "CATEGORY_NOT_FOUND";
    return right && possible === undefined ? [] : [String(error)];
  }
  if (possible === undefined) return ["the category is not refused"];
  const faults: string[] = [];
  const check = (right: boolean, fault: string): void => void (right || faults.push(fault));
  check(answer.length === Math.min(asked.maxResults, possible.size), "not as many as there are");
  check(
    new Set(answer.map((found) => found.id)).size === answer.length,
    "something is there twice",
  );
  const reasons = reasonsFor(world, asked);
  for (const [place, { id: name, title, score, reason }] of answer.entries()) {
    check(possible.has(name), `${name} must not be there`);
    check(title === (world.catalog.length > 0 ? `Title of ${name}` : ""), `title ${title}`);
    check(score > 0, `score ${score}`);
    check(score <= (answer[place - 1]?.score ?? Infinity), `score ${score} after a lower one`);
    check(reasons.has(reason), `reason ${reason}`);
  }
  return faults;
}

test("answers keep to what was asked, over random catalogs and histories", async () => {
  await fc.assert(
    fc.asyncProperty(catalogs, interactionLists, requests, async (catalog, interactions, all) => {
      const room = await Room.open();
      await room.catalog.upsert(
        caller(),
        catalog.map((entry) => item(entry.id, entry.categories)),
      );
      for (const entry of interactions) await write(room, entry);
      await room.train();
      const world = { room, catalog, interactions };
      for (const asked of all) expect(await faultsOf(world, asked)).toEqual([]);
      await room.close();
    }),
    { numRuns: 12 },
  );
});
