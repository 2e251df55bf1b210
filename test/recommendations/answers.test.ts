import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError } from "../../src/errors.ts";
import type { Boost } from "../../src/recommendations/boosts.ts";
import type { Recommendation, RecommendOptions } from "../../src/recommendations/recommendation.ts";
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
/** 0 as often as not: what is off. */
const share = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true }));
const unknown = fc.constantFrom("unknown", "unheard of");
const boost: fc.Arbitrary<Boost> = fc.oneof(
  fc.record({
    target: fc.constant("category" as const),
    name: fc.constantFrom(...categories, "no category"),
    factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
  }),
  fc.record({
    target: fc.constant("item" as const),
    name: fc.oneof(id, unknown),
    factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
  }),
);
/** Up to 1,000 ids, few of which there are. */
const exclusions = fc
  .tuple(fc.array(id), fc.nat(986))
  .map(([some, others]) => [...some, ...Array.from({ length: others }, (_, k) => `other ${k}`)]);
const sessions = fc.array(
  fc.record({
    id: fc.oneof(id, unknown),
    kind: fc.integer({ min: 1, max: 6 }),
    value: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 5 },
);
const request: fc.Arbitrary<Required<RecommendOptions>> = fc.record({
  user: fc.oneof(user, fc.constantFrom("", "nobody")),
  category: fc.constantFrom("", "", ...categories),
  maxResults: fc.integer({ min: 1, max: 16 }),
  excludeIds: exclusions,
  includeSeen: fc.boolean(),
  boosts: fc.array(boost, { maxLength: 5 }),
  diversity: share,
  exploration: share,
  seed: fc.string(),
  session: sessions,
  context: fc.oneof(fc.constant(""), id, unknown),
  explain: fc.boolean(),
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
  asked: Required<RecommendOptions>,
): Set<string> | undefined {
  const out = new Set([...asked.excludeIds, asked.context]);
  const own = interactions.filter(({ user: who }) => who === asked.user);
  for (const { id: name, kind } of [...own, ...asked.session]) {
    const isRefusal = kind === Kind.DISLIKE || kind === Kind.DISMISS;
    if (isRefusal || !asked.includeSeen) out.add(name);
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
  { user: asker, category, session, context, exploration }: Required<RecommendOptions>,
): Set<string> {
  const reasons = new Set([
    "Fits what you like",
    `Because you look at ${context}`,
    `Because you look at Title of ${context}`,
    ...(exploration > 0 ? ["Little known so far"] : []),
    category === "" ? "Trending now" : `Trending in ${category}`,
    category === "" ? "New in the catalog" : `New in ${category}`,
  ]);
  for (const own of [...interactions.filter((entry) => entry.user === asker), ...session]) {
    for (const verb of ["viewed", "liked", "rated", "bought"]) {
      reasons.add(`Because you ${verb} ${own.id}`).add(`Because you ${verb} Title of ${own.id}`);
    }
  }
  return reasons;
}

/** What is wrong with the answer to a request. */
async function faultsOf(world: World, asked: Required<RecommendOptions>): Promise<string[]> {
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
  const speaking = new Set([...reasons].map((reason) => reason.replace(/^.* (?=item \d+$)/, "")));
  for (const [place, { id: name, title, score, reason, contributions }] of answer.entries()) {
    check(possible.has(name), `${name} must not be there`);
    check(title === (world.catalog.length > 0 ? `Title of ${name}` : ""), `title ${title}`);
    check(score > 0, `score ${score}`);
    const before = asked.diversity > 0 ? Infinity : (answer[place - 1]?.score ?? Infinity);
    check(score <= before, `score ${score} after a lower one`);
    check(reasons.has(reason), `reason ${reason}`);
    check(asked.explain || contributions.length === 0, "contributions that nobody asked for");
    const shares = contributions.map((one) => one.share);
    check(
      shares.every((one) => one > 0),
      "a contribution of nothing",
    );
    check(shares.reduce((sum, one) => sum + one, 0) <= 1 + 1e-9, "more contributions than all");
    check(
      contributions.every((one) => speaking.has(one.itemId) && one.itemId !== name),
      "a contribution of what the asker does not have",
    );
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
