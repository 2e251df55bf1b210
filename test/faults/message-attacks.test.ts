import { describe, expect, test } from "vitest";
import type { ConnectionLimits } from "../../src/wire/limits.ts";
import { observe } from "./support/bystander.ts";
import { messageAttacks } from "./support/message-attacks.ts";
import { startTarget } from "./support/target.ts";

/** Short times, so that the tests need not wait for those of a real server. */
const limits: Partial<ConnectionLimits> = { messageMs: 700, unreadMs: 1_000, checkMs: 50 };

describe.each(Object.entries(messageAttacks))("%s", (name, attack) => {
  const { version, run, ours, stock, growth = 150, stockGrowth = 0 } = attack;
  const attacked = async (kind: "ours" | "stock") => {
    const target =
      kind === "ours"
        ? await startTarget("message-server.ts", JSON.stringify({ limits }))
        : await startTarget("message-stock-server.ts", `http${version[0]}`);
    let end = "";
    const seen = await observe(target, version, async () => {
      end = await run(target.port, kind);
    });
    const { answered, p50, p99, memoryBefore, memoryPeak } = seen;
    const memory = `${memoryBefore.toFixed(0)} to ${memoryPeak.toFixed(0)} MiB`;
    const calls = `${answered} calls in ${p50.toFixed(1)} ms, 99% ${p99.toFixed(1)} ms`;
    // oxlint-disable-next-line no-console -- the figures of this run are for who reads its output
    console.log(`${name} | ${kind}: ${end} | ${calls} | ${memory}`);
    return { end, target, ...seen };
  };

  test("should end, and hurt nobody else", async () => {
    const { end, target, failures, answered, memoryBefore, memoryPeak } = await attacked("ours");

    expect(end).toMatch(ours);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(0);
    expect(memoryPeak - memoryBefore).toBeLessThan(growth);
    expect(target.isUp()).toBe(true);
  });

  if (stock === undefined) return;
  test("should end with Fastify and Connect as they come, or not", async () => {
    const { end, memoryBefore, memoryPeak } = await attacked("stock");

    expect(end).toMatch(stock);
    expect(memoryPeak - memoryBefore).toBeGreaterThanOrEqual(stockGrowth);
  });
});
