import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Profile, ProfileFields } from "../../src/profiles/profile.ts";
import { Profiles } from "../../src/profiles/profiles.ts";
import { openState } from "../../src/storage/state.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";

async function open(directory: string): Promise<{ profiles: Profiles; close(): Promise<void> }> {
  const state = await openState({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => state.destroy());
  return { profiles: new Profiles(state), close: () => state.destroy() };
}

function fields(email: string, parts: Partial<ProfileFields> = {}): ProfileFields {
  return { firstName: "Ann", lastName: "Lee", email, imageUrl: "", ...parts };
}

const taken = (field: string) => ({
  code: "already_exists",
  reason: "EMAIL_TAKEN",
  metadata: {},
  violations: [{ field }],
});

/** Waits until the clock shows another millisecond than this one. */
async function pass(ms: number): Promise<void> {
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(ms);
}

describe("Profiles", () => {
  it("should give back a profile as it was created, through a restart", async () => {
    const directory = await temporaryDirectory();
    const before = await open(directory);
    const given = fields("Ünïcode'@Example.ORG", {
      firstName: "Robert'); drop table profile; --",
      lastName: "🎬 \u0000\n",
      imageUrl: "https://example.org/a.png",
    });
    const created = await before.profiles.create(caller(), given);
    expect(created).toEqual({
      ...given,
      id: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      createTime: expect.any(Number),
      updateTime: created.createTime,
    });
    await before.close();
    const { profiles } = await open(directory);
    expect(await profiles.get(caller(), created.id)).toEqual(created);
    expect(await profiles.get(caller(), created.id.toUpperCase())).toBeUndefined();
    await expect(profiles.create(caller(), fields("ÜNÏCODE'@example.org"))).rejects.toMatchObject(
      taken("email"),
    );
  });

  it("should let one address in once, by any number of connections at the same time", async () => {
    const directory = await temporaryDirectory();
    const rooms = [await open(directory), await open(directory)];
    for (let round = 0; round < 10; round++) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => {
          const address = `ann-${round}@example.org`;
          const spelled = index % 3 === 0 ? address.toUpperCase() : address;
          return rooms[index % 2]?.profiles.create(caller(), fields(spelled));
        }),
      );
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refused).toHaveLength(19);
      for (const { reason } of refused) expect(reason).toMatchObject(taken("email"));
    }
    const listed = await rooms[0]?.profiles.list(caller(), { after: "", limit: 99 });
    expect(listed).toHaveLength(10);
  });

  it("should change what it is told to, and nothing else", async () => {
    const { profiles } = await open(await temporaryDirectory());
    const given = fields("ann@example.org", { imageUrl: "https://example.org/a.png" });
    const created = await profiles.create(caller(), given);
    await pass(created.createTime);
    const updated = await profiles.update(caller(), created.id, { lastName: "Ray", imageUrl: "" });
    expect(updated).toEqual({
      ...created,
      lastName: "Ray",
      imageUrl: "",
      updateTime: updated.updateTime,
    });
    expect(updated.updateTime).toBeGreaterThan(created.createTime);
    expect(await profiles.get(caller(), created.id)).toEqual(updated);
  });

  it("should not call it a change when all is the same already", async () => {
    const { profiles } = await open(await temporaryDirectory());
    const created = await profiles.create(caller(), fields("ann@example.org"));
    await pass(created.createTime);
    expect(await profiles.update(caller(), created.id, {})).toEqual(created);
    expect(await profiles.update(caller(), created.id, fields("ann@example.org"))).toEqual(created);
    expect(await profiles.get(caller(), created.id)).toEqual(created);
    const respelled = await profiles.update(caller(), created.id, { email: "Ann@example.org" });
    expect(respelled.email).toBe("Ann@example.org");
    expect(respelled.updateTime).toBeGreaterThan(created.updateTime);
  });

  it("should refuse the address of another, and then change nothing", async () => {
    const { profiles } = await open(await temporaryDirectory());
    await profiles.create(caller(), fields("ann@example.org"));
    const ben = await profiles.create(caller(), fields("ben@example.org"));
    const change = profiles.update(caller(), ben.id, {
      firstName: "Ben",
      email: "ANN@example.org",
    });
    await expect(change).rejects.toMatchObject(taken("profile.email"));
    expect(await profiles.get(caller(), ben.id)).toEqual(ben);
    const missing = profiles.update(caller(), "nobody", { email: "ann@example.org" });
    await expect(missing).rejects.toMatchObject({
      code: "not_found",
      violations: [{ field: "profile.id" }],
    });
  });

  it("should let go of an address that was changed or deleted", async () => {
    const { profiles } = await open(await temporaryDirectory());
    const ann = await profiles.create(caller(), fields("ann@example.org"));
    await profiles.update(caller(), ann.id, { email: "ann@example.com" });
    await profiles.create(caller(), fields("ann@example.org"));
    expect(await profiles.delete(caller(), ann.id)).toBe(true);
    expect(await profiles.delete(caller(), ann.id)).toBe(false);
    expect(await profiles.get(caller(), ann.id)).toBeUndefined();
    await profiles.create(caller(), fields("ann@example.com"));
  });

  it("should give one of many changes to the same address at the same time", async () => {
    const { profiles } = await open(await temporaryDirectory());
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        profiles.create(caller(), fields(`${index}@example.org`)),
      ),
    );
    const outcomes = await Promise.allSettled(
      all.map(({ id }) => profiles.update(caller(), id, { email: "one@example.org" })),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const listed = await profiles.list(caller(), { after: "", limit: 99 });
    expect(listed.filter(({ email }) => email === "one@example.org")).toHaveLength(1);
  });

  it("should list the oldest first, and what is new at the end, however many come at once", async () => {
    const { profiles } = await open(await temporaryDirectory());
    const seen: string[] = [];
    let done = false;
    const creating = (async () => {
      for (let batch = 0; batch < 20; batch++) {
        await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            profiles.create(caller(), fields(`${batch}-${index}@example.org`)),
          ),
        );
      }
      done = true;
    })();
    for (let last = false; !last;) {
      // Whatever was there before this page belongs to it or to one before.
      last = done;
      const page = await profiles.list(caller(), { after: seen.at(-1) ?? "", limit: 7 });
      seen.push(...page.map(({ id }) => id));
      last &&= page.length < 7;
    }
    await creating;
    const all = await profiles.list(caller(), { after: "", limit: 1_000 });
    expect(seen).toEqual(all.map(({ id }) => id));
    expect(all).toHaveLength(200);
    const times = all.map(({ createTime }) => createTime);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("should keep projects apart", async () => {
    const { profiles } = await open(await temporaryDirectory());
    const ann = await profiles.create(caller(1), fields("ann@example.org"));
    expect(await profiles.get(caller(2), ann.id)).toBeUndefined();
    expect(await profiles.list(caller(2), { after: "", limit: 9 })).toEqual([]);
    expect(await profiles.delete(caller(2), ann.id)).toBe(false);
    await expect(profiles.update(caller(2), ann.id, { lastName: "X" })).rejects.toMatchObject({
      code: "not_found",
    });
    await profiles.create(caller(2), fields("ann@example.org"));
    expect(await profiles.get(caller(1), ann.id)).toEqual(ann);
  });

  it("should do what a map of profiles would", async () => {
    const { profiles } = await open(await temporaryDirectory());
    const address = fc.constantFrom("a@x", "A@X", "b@x", "straße@x", "STRASSE@x");
    const command = fc.oneof(
      fc.record({ kind: fc.constant("create" as const), email: address }),
      fc.record({ kind: fc.constant("update" as const), at: fc.nat(3), email: address }),
      fc.record({ kind: fc.constant("delete" as const), at: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 20 }), async (commands) => {
        const model: Profile[] = [];
        for (const { id } of await profiles.list(caller(), { after: "", limit: 99 })) {
          await profiles.delete(caller(), id);
        }
        const isTaken = (email: string, but?: string): boolean =>
          model.some((one) => one.id !== but && one.email.toUpperCase() === email.toUpperCase());
        const outcome = (call: Promise<unknown>): Promise<unknown> =>
          call.catch((error: unknown) => (error as { code: string }).code);
        for (const one of commands) {
          const target = one.kind === "create" ? undefined : model[one.at];
          const id = target?.id ?? "nobody";
          let found: unknown;
          let expected: unknown;
          if (one.kind === "create") {
            found = await outcome(profiles.create(caller(), fields(one.email)));
            expected = isTaken(one.email) ? "already_exists" : { email: one.email };
            if (typeof expected === "object") model.push(found as Profile);
          } else if (one.kind === "delete") {
            found = { deleted: await profiles.delete(caller(), id) };
            expected = { deleted: target !== undefined };
            if (target !== undefined) model.splice(one.at, 1);
          } else {
            found = await outcome(profiles.update(caller(), id, { email: one.email }));
            if (target === undefined) expected = "not_found";
            else if (isTaken(one.email, id)) expected = "already_exists";
            else {
              expected = { id, email: one.email };
              model[one.at] = found as Profile;
            }
          }
          expect({ found }).toMatchObject({ found: expected });
        }
        const listed = await profiles.list(caller(), { after: "", limit: 99 });
        expect(listed).toEqual(model);
      }),
      { numRuns: 50 },
    );
  });
});
