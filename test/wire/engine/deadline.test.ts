import { expect, test, vi } from "vitest";
import { DeadlineList, type DeadlineEntry } from "../../../src/wire/engine/deadline.ts";

interface Named extends DeadlineEntry {
  readonly name: string;
}

function entries(names: readonly string[], expired: string[]): Named[] {
  return names.map((name) => ({
    name,
    deadline: Infinity,
    before: undefined,
    after: undefined,
    expire: () => void expired.push(name),
  }));
}

test("should expire what is still in the list, in the order in which it was added", async () => {
  const expired: string[] = [];
  const list = new DeadlineList(20);
  const all = entries(["a", "b", "c", "d", "e"], expired);
  for (const entry of all) list.add(entry, performance.now());
  for (const index of [0, 2, 4]) list.delete(all[index] as Named);

  await vi.waitFor(() => expect(expired).toHaveLength(2), { timeout: 20_000 });

  expect(expired).toEqual(["b", "d"]);
});

test("should take an entry again, after it was deleted or has expired", async () => {
  const expired: string[] = [];
  const list = new DeadlineList(5);
  const [one, other] = entries(["one", "other"], expired) as [Named, Named];
  list.add(one, performance.now());
  list.add(other, performance.now());
  list.delete(one);
  list.add(one, performance.now());
  await vi.waitFor(() => expect(expired).toHaveLength(2), { timeout: 20_000 });

  list.add(other, performance.now());
  await vi.waitFor(() => expect(expired).toHaveLength(3), { timeout: 20_000 });

  expect(expired).toEqual(["other", "one", "other"]);
});

test("should let an entry that expires add another", async () => {
  const expired: string[] = [];
  const list = new DeadlineList(1);
  const [next] = entries(["next"], expired) as [Named];
  const first: DeadlineEntry = {
    deadline: Infinity,
    before: undefined,
    after: undefined,
    expire: () => list.add(next, performance.now()),
  };
  list.add(first, performance.now());

  await vi.waitFor(() => expect(expired).toEqual(["next"]), { timeout: 20_000 });
});
