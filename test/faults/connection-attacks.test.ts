import { describe, expect, test, vi } from "vitest";
import type { ConnectionLimits } from "../../src/wire/limits.ts";
import type { End } from "./support/attacker.ts";
import { attacks } from "./support/attacks.ts";
import { observe } from "./support/bystander.ts";
import { startTarget } from "./support/target.ts";

/** Short times, so that the tests need not wait for those of a real server. */
const limits: Partial<ConnectionLimits> = {
  maxConnections: 100,
  firstBytesMs: 500,
  headersMs: 500,
  idleMs: 600,
  stallMs: 500,
  checkMs: 50,
};

/**
 * How long it is watched whether a server puts an end to something, in
 * milliseconds: one that has to may be slow; one that does not is believed soon,
 * but for those of which the memory is watched.
 */
const patience = { ends: 20_000, grows: 5_000, open: 1_300 } as const;

/** What a server may grow by under one attack: MiB. Each of them sends less, or asks for more. */
const growth = 200;

describe.each(Object.entries(attacks))("%s", (name, attack) => {
  const { version, ours, reason, stock, stockGrowth = 0 } = attack;
  const run = async (kind: "ours" | "stock") => {
    const target =
      kind === "ours"
        ? await startTarget("our-server.ts", JSON.stringify({ ...limits, ...attack.limits }))
        : await startTarget("stock-server.ts", `http${version[0]}`);
    const told = (): boolean =>
      reason !== undefined && target.lines.some((line) => line["reason"] === reason);
    let end: End = "open";
    const mustEnd = kind === "ours" || !"open".match(stock);
    const watched = mustEnd ? "ends" : stockGrowth > 0 ? "grows" : "open";
    const seen = await observe(target, version, async () => {
      end = await attack.run(target.port, patience[watched], told);
    });
    if (kind === "ours" && reason !== undefined) {
      await vi.waitFor(() => expect(told()).toBe(true), { timeout: patience.ends });
    }
    const { answered, p50, p99, memoryBefore, memoryPeak } = seen;
    const memory = `${memoryBefore.toFixed(0)} to ${memoryPeak.toFixed(0)} MiB`;
    const calls = `${answered} calls in ${p50.toFixed(1)} ms, 99% ${p99.toFixed(1)} ms`;
    const line = told() ? reason : "nothing";
    // oxlint-disable-next-line no-console -- the figures of this run are for who reads its output
    console.log(`${name} | ${kind}: ${end} | ${calls} | ${memory} | log: ${line}`);
    return { end, target, ...seen };
  };

  test("should end, and hurt nobody else", async () => {
    const { end, target, failures, answered, memoryBefore, memoryPeak } = await run("ours");

    expect(end).toMatch(ours);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(0);
    expect(memoryPeak - memoryBefore).toBeLessThan(growth);
    expect(target.isUp()).toBe(true);
    // As many lines as there are reasons, whatever the number of connections, and the rest in sums.
    expect(target.lines.length).toBeLessThan(10);
  });

  test("should end with Fastify and Connect as they come, or not", async () => {
    const { end, memoryBefore, memoryPeak } = await run("stock");

    expect(end).toMatch(stock);
    expect(memoryPeak - memoryBefore).toBeGreaterThanOrEqual(stockGrowth);
  });
});
