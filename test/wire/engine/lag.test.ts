import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { watchLag } from "../../../src/wire/engine/lag.ts";

const maxLagMs = 200;

function watch(ms: number) {
  const { overload, stop } = watchLag(ms);
  onTestFinished(stop);
  return () => overload(performance.now());
}

/** Keeps the event loop from all else. */
function burn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe("watchLag", () => {
  it("should serve what waited for one long computation", async () => {
    const overload = watch(maxLagMs);
    await sleep(60);
    burn(2 * maxLagMs);
    expect(overload()).toBeUndefined();
    await sleep(0);
    expect(overload()).toBeUndefined();
  });

  it("should refuse what comes too late in a turn after another that was long", async () => {
    const overload = watch(maxLagMs);
    await sleep(60);
    burn(2 * maxLagMs);
    await sleep(0);
    burn(2 * maxLagMs);

    const retryAfterMs = overload();
    expect(retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(retryAfterMs).toBeLessThanOrEqual(2_000);
  });

  it("should serve again from the next turn on", async () => {
    const overload = watch(maxLagMs);
    for (let n = 0; n < 3; n++) {
      await sleep(60);
      burn(2 * maxLagMs);
    }
    expect(overload()).toBeDefined();
    await sleep(0);
    expect(overload()).toBeUndefined();
  });

  it("should refuse nothing where there is no limit", async () => {
    const overload = watch(0);
    for (let n = 0; n < 3; n++) {
      await sleep(60);
      burn(100);
      expect(overload()).toBeUndefined();
    }
  });
});
