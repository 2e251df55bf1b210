import { join } from "node:path";
import { startContestant, type Contestant, type Window } from "./contestant.ts";
import type { Options } from "./options.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { ServerName } from "./servers/server.ts";

/** What one server did in one scenario. */
export interface Measured {
  readonly server: ServerName;
  /** Without the first, which is thrown away. */
  readonly windows: readonly Window[];
  /** Whether an interceptor of the application saw the calls; null for a server that has none. */
  readonly intercepted: boolean | null;
}

/** A profile that was written, and the number of calls in it. */
interface Profile {
  readonly file: string;
  readonly calls: number;
}

/** One scenario, for all servers that can answer it. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly measured: readonly Measured[];
  readonly profile: Profile | undefined;
}

/**
 * Runs one scenario. All servers run from its beginning to its end; their
 * windows take turns, in an order that changes, so that whatever else the
 * machine does meets them all alike.
 */
export async function runScenario(
  scenario: Scenario,
  options: Options,
  directory: string,
  progress: (text: string) => void,
): Promise<ScenarioResult> {
  const contestants: Contestant[] = [];
  try {
    for (const name of options.servers) {
      if (!scenario.servers.includes(name)) continue;
      progress(`${scenario.name}: warming up ${name}`);
      const contestant = await startContestant(name, scenario, options, directory);
      contestants.push(contestant);
      await contestant.warmUp();
    }
    const profiled =
      options.profiles === undefined ? undefined : contestants.find(({ name }) => name === "ours");
    await profiled?.startProfile();
    const windows = new Map<Contestant, Window[]>(contestants.map((one) => [one, []]));
    for (let round = 0; round < options.windows; round++) {
      progress(`${scenario.name}: round ${round + 1} of ${options.windows}`);
      for (const contestant of inOrder(contestants, round)) {
        windows.get(contestant)?.push(await contestant.measure());
      }
    }
    const profile = await writeProfile(scenario, profiled, windows, options);
    const measured: Measured[] = [];
    for (const contestant of contestants) {
      const intercepted = await contestant.intercepted();
      measured.push({
        server: contestant.name,
        windows: windows.get(contestant)?.slice(1) ?? [],
        intercepted: intercepted === null ? null : intercepted > 0,
      });
    }
    return { scenario, measured, profile };
  } finally {
    for (const contestant of contestants) await contestant.stop();
  }
}

/** Each begins as often as any other, and follows each of the others. */
function inOrder<T>(all: readonly T[], round: number): T[] {
  const first = round % Math.max(1, all.length);
  const turned = [...all.slice(first), ...all.slice(0, first)];
  return round % 2 === 0 ? turned : turned.toReversed();
}

async function writeProfile(
  scenario: Scenario,
  profiled: Contestant | undefined,
  windows: ReadonlyMap<Contestant, readonly Window[]>,
  { profiles }: Options,
): Promise<Profile | undefined> {
  if (profiled === undefined || profiles === undefined) return undefined;
  const file = join(profiles, `${scenario.name}.cpuprofile`);
  await profiled.writeProfile(file);
  let calls = 0;
  for (const window of windows.get(profiled) ?? []) calls += window.calls;
  return { file, calls };
}
