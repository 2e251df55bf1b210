import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { DomainError } from "../../../src/errors.ts";
import { silent } from "../../../src/recommendations/logger.ts";
import {
  OutcomeKind,
  Outcomes,
  type NewOutcome,
} from "../../../src/recommendations/outcomes/outcomes.ts";
import { openState, type StateDatabase } from "../../../src/storage/state.ts";
import { caller } from "../../support/callers.ts";
import { temporaryDirectory } from "../../support/directory.ts";

const { IMPRESSION, CLICK } = OutcomeKind;
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 31, 12, 30);

/** A clock that tests set. */
class Clock {
  time = START;
  now = (): number => this.time;
}

async function openRoom(
  options: { maxRows?: number } = {},
): Promise<{ state: StateDatabase; clock: Clock; open: () => Promise<Outcomes> }> {
  const directory = await temporaryDirectory();
  const clock = new Clock();
  const state = await openState({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => state.destroy());
  const open = async (): Promise<Outcomes> => {
    const outcomes = await Outcomes.open({ state, logger: silent, now: clock.now, ...options });
    onTestFinished(() => outcomes.close());
    return outcomes;
  };
  return { state, clock, open };
}

const of = (recommendationId: string, kind: number, item: string): NewOutcome => ({
  recommendationId,
  kind,
  item,
  time: undefined,
});

async function totals(outcomes: Outcomes): Promise<Record<string, number[]>> {
  const all = { from: undefined, to: undefined };
  const { variants } = await outcomes.compare(caller(), all, "");
  return Object.fromEntries(
    variants.map(({ variant, total }) => [
      variant,
      [total.recommendations, total.clickedRecommendations, total.impressions, total.clicks],
    ]),
  );
}

const idOf = (outcomes: Outcomes, variant = ""): string =>
  outcomes.idFor(caller(), { variant, trainedTime: 5 });

describe("what becomes of recommendations", () => {
  it("should count each item once, however often and in whatever order it is said", async () => {
    const { open } = await openRoom();
    const outcomes = await open();
    const expected = new Map<string, Set<string>>();
    const ids = ["a", "a", "b"].map((variant) => ({ variant, id: idOf(outcomes, variant) }));
    const one = fc.record({
      answer: fc.nat({ max: 2 }),
      kind: fc.constantFrom(IMPRESSION, CLICK),
      item: fc.constantFrom("x", "y", "z", "emma"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 20 }), async (said) => {
        const given = said.map(({ answer, kind, item }) => {
          const { variant, id } = ids[answer] as { variant: string; id: string };
          const seen = expected.get(`${variant} seen`) ?? new Set();
          const clicked = expected.get(`${variant} clicked`) ?? new Set();
          seen.add(`${answer} ${item}`);
          if (kind === CLICK) clicked.add(`${answer} ${item}`);
          expected.set(`${variant} seen`, seen).set(`${variant} clicked`, clicked);
          return of(id, kind, item);
        });
        const { recorded, unchanged } = await outcomes.record(caller(), given);
        expect(recorded + unchanged).toBe(given.length);
        const again = await outcomes.record(caller(), given.toReversed());
        expect(again).toEqual({ recorded: 0, unchanged: given.length });
      }),
      { numRuns: 30 },
    );
    const found = await totals(outcomes);
    for (const variant of ["a", "b"]) {
      const seen = [...(expected.get(`${variant} seen`) ?? [])];
      const clicked = [...(expected.get(`${variant} clicked`) ?? [])];
      const answersOf = (keys: string[]): number => new Set(keys.map((key) => key[0])).size;
      const counted = [answersOf(seen), answersOf(clicked), seen.length, clicked.length];
      expect(found[variant] ?? [0, 0, 0, 0]).toEqual(counted);
    }
  });

  it("should record what many calls say at the same time", async () => {
    const { open } = await openRoom();
    const outcomes = await open();
    const ids = Array.from({ length: 20 }, () => idOf(outcomes));
    const calls = ids.flatMap((id) =>
      Array.from({ length: 5 }, () =>
        outcomes.record(caller(), [of(id, IMPRESSION, "x"), of(id, CLICK, "x")]),
      ),
    );
    const receipts = await Promise.all(calls);
    expect(receipts.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(40);
    expect(await totals(outcomes)).toEqual({ "": [20, 20, 20, 20] });
  });

  it("should refuse all where one is wrong, and name each that is", async () => {
    const { open, clock } = await openRoom();
    const outcomes = await open();
    const id = idOf(outcomes);
    const early = { ...of(id, CLICK, "y"), time: clock.time - 6 * 60_000 };
    const given = [of(id, IMPRESSION, "x"), of("made-up", CLICK, "x"), early];
    const error = await outcomes.record(caller(), given).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).code).toBe("invalid_argument");
    expect((error as DomainError).violations.map(({ field }) => field)).toEqual([
      "outcomes[1].recommendation_id",
      "outcomes[2].outcome_time",
    ]);
    expect(await totals(outcomes)).toEqual({});
  });

  it("should refuse the id of another project", async () => {
    const { open } = await openRoom();
    const outcomes = await open();
    const id = outcomes.idFor({ ...caller(), project: 1 }, { variant: "", trainedTime: undefined });
    await expect(outcomes.record(caller(), [of(id, CLICK, "x")])).rejects.toThrow(/unchanged/);
  });

  it("should know its ids, and what was said, after a new start", async () => {
    const { open } = await openRoom();
    const before = await open();
    const id = idOf(before, "b");
    await before.record(caller(), [of(id, IMPRESSION, "x")]);
    await before.close();
    const after = await open();
    expect(await after.record(caller(), [of(id, IMPRESSION, "x"), of(id, CLICK, "x")])).toEqual({
      recorded: 1,
      unchanged: 1,
    });
    expect(await totals(after)).toEqual({ b: [1, 1, 1, 1] });
  });

  it("should refuse ids that are older than 7 days, and keep no rows of them", async () => {
    const { open, clock, state } = await openRoom();
    const outcomes = await open();
    const id = idOf(outcomes);
    await outcomes.record(caller(), [of(id, IMPRESSION, "x")]);
    clock.time += 7 * DAY_MS - 1;
    expect((await outcomes.record(caller(), [of(id, CLICK, "x")])).recorded).toBe(1);
    clock.time += 2;
    await expect(outcomes.record(caller(), [of(id, CLICK, "y")])).rejects.toThrow(
      /^outcomes\[0\]\.recommendation_id: Too old: it was made at 2026-01-31T12:30:00\.000Z/,
    );
    clock.time += DAY_MS;
    await outcomes.sweep();
    expect(await state.selectFrom("outcome").selectAll().execute()).toEqual([]);
    expect(await totals(outcomes)).toEqual({ "": [1, 1, 1, 1] });
    clock.time += 400 * DAY_MS;
    await outcomes.sweep();
    expect(await totals(outcomes)).toEqual({});
  });

  it("should give up the oldest days where there are too many rows, also after a new start", async () => {
    const { open, clock, state } = await openRoom({ maxRows: 20 });
    const outcomes = await open();
    const ids: string[] = [];
    for (let day = 0; day < 5; day++) {
      const id = idOf(outcomes);
      ids.push(id);
      const items = Array.from({ length: 8 }, (_, k) => of(id, IMPRESSION, `item ${k}`));
      await outcomes.record(caller(), items);
      clock.time += DAY_MS;
    }
    await outcomes.sweep();
    const rows = await state.selectFrom("outcome").selectAll().execute();
    expect(rows.length).toBeLessThanOrEqual(20);
    for (const room of [outcomes, await open()]) {
      const accepted = await Promise.all(
        ids.map((id) =>
          room.record(caller(), [of(id, IMPRESSION, "item 0")]).then(
            ({ unchanged }) => unchanged,
            () => "refused",
          ),
        ),
      );
      expect(accepted).toEqual(["refused", "refused", "refused", 1, 1]);
    }
    expect(await totals(outcomes)).toEqual({ "": [5, 0, 40, 0] });
  });
});
