import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { Follower } from "../../src/recommendations/follower.ts";
import { caller } from "../support/callers.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { view } from "../support/views.ts";

const patient = new AbortController().signal;

/** Opens a log; it is closed when the test is over. */
async function openLog(): Promise<SqliteLog> {
  const log = await SqliteLog.open({ directory: await temporaryDirectory() });
  onTestFinished(() => log.close());
  return log;
}

test("a position is reached when its entries are applied, and not before", async () => {
  const log = await openLog();
  const applied: number[] = [];
  const gate = Promise.withResolvers<void>();
  const follower = new Follower(log, async (entries) => {
    await gate.promise;
    applied.push(...entries.map(({ position }) => position));
  });
  const running = follower.run();
  for (let k = 0; k < 3; k++) await log.appendView(caller(), view());
  let reached = false;
  const waiting = follower.reached(3, patient).then(() => (reached = true));
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(reached).toBe(false);
  gate.resolve();
  await waiting;
  expect(applied).toEqual([1, 2, 3]);
  follower.close();
  await running;
});

test("who gives up waiting is told the reason of their signal", async () => {
  const follower = new Follower(await openLog(), async () => {});
  const running = follower.run();
  const controller = new AbortController();
  const waiting = follower.reached(1, controller.signal);
  controller.abort(new Error("the deadline is past"));
  await expect(waiting).rejects.toThrow("the deadline is past");
  await expect(follower.reached(1, controller.signal)).rejects.toThrow("the deadline is past");
  follower.close();
  await running;
});

test("who waits when it is closed, or comes later, is turned away", async () => {
  const follower = new Follower(await openLog(), async () => {});
  const running = follower.run();
  const waiting = follower.reached(1, patient);
  follower.close();
  await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
  await running;
  await expect(follower.reached(1, patient)).rejects.toMatchObject({ code: "unavailable" });
});

test("when entries cannot be applied, following fails and all who wait are turned away", async () => {
  const log = await openLog();
  const follower = new Follower(log, async () => {
    throw new Error("broken");
  });
  const running = follower.run();
  const waiting = follower.reached(1, patient);
  await Promise.all([
    expect(running).rejects.toThrow("broken"),
    expect(waiting).rejects.toMatchObject({ code: "unavailable", cause: { message: "broken" } }),
    log.appendView(caller(), view()),
  ]);
});
