import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { startChild } from "./child.ts";
import type { Load, LoadResult } from "./load/load.ts";
import type { Options } from "./options.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { ServerQuestion, ServerReady, ServerUsage } from "./servers/messages.ts";
import type { ServerName } from "./servers/server.ts";

/** One window of one server. */
export interface Window extends LoadResult {
  readonly calls: number;
  /** Calls in a second. */
  readonly rate: number;
  /** CPU time of the server's process for each call, in microseconds. */
  readonly cpuMicros: number;
  /** The share of its core that the server used: well below 1, the load was too slow for it. */
  readonly busy: number;
  /** The share of the time that it waited for its core, because others used it. */
  readonly waited: number;
}

/** A server that runs, with the load for one scenario. */
export interface Contestant {
  readonly name: ServerName;
  /** Makes calls until the server is warm, and finds out how many a window has. */
  warmUp(): Promise<void>;
  measure(): Promise<Window>;
  /** Calls that the interceptor of the application saw; null for a server that has none. */
  intercepted(): Promise<number | null>;
  startProfile(): Promise<void>;
  writeProfile(file: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a server in a process of its own for one scenario, so that what the
 * compiler learned from other calls plays no part. What it prints, such as a
 * log, goes to a file in `directory`.
 */
export async function startContestant(
  name: ServerName,
  scenario: Scenario,
  options: Options,
  directory: string,
): Promise<Contestant> {
  const own = await mkdtemp(join(directory, `${name}-`));
  const output = openSync(join(own, "stdout"), "a");
  const server = await startChild(new URL("servers/main.ts", import.meta.url), {
    core: options.serverCore,
    args: [name],
    stdout: output,
  }).finally(() => closeSync(output));
  const addresses = server.greeting as ServerReady;
  const load: Load = await scenario.prepare(addresses, {
    core: options.loadCore,
    directory: own,
  });
  const ask = (question: ServerQuestion): Promise<unknown> => server.ask(question);
  const usage = async (): Promise<ServerUsage> => (await ask({ kind: "usage" })) as ServerUsage;
  let calls = scenario.step;

  return {
    name,
    async warmUp() {
      const { step, weight } = scenario;
      const all = multiple(options.warmUp / weight, step);
      // The beginning is slow: the rate is that of the last quarter.
      const last = multiple(all / 4, step);
      if (all > last) await load.run(all - last);
      const { seconds } = await load.run(last);
      const rate = last / seconds;
      calls = multiple(rate * options.windowSeconds, step);
    },
    async measure() {
      const before = await usage();
      const result = await load.run(calls);
      const after = await usage();
      const cpu = after.cpuMicros - before.cpuMicros;
      return {
        ...result,
        calls,
        rate: calls / result.seconds,
        cpuMicros: cpu / calls,
        busy: cpu / 1e6 / result.seconds,
        waited: (after.waitedMicros - before.waitedMicros) / 1e6 / result.seconds,
      };
    },
    intercepted: async () => (await usage()).intercepted,
    async startProfile() {
      await ask({ kind: "start profile" });
    },
    async writeProfile(file) {
      await ask({ kind: "write profile", file });
    },
    async stop() {
      await load.stop();
      await server.stop();
      // A log of a million lines should not wait for the end of the run.
      await rm(own, { recursive: true });
    },
  };
}

function multiple(value: number, step: number): number {
  return Math.max(1, Math.round(value / step)) * step;
}
