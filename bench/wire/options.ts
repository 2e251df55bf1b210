import { parseArgs } from "node:util";
import { serverNames, type ServerName } from "./servers/server.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { scenarios } from "./scenarios/scenarios.ts";

/** What is measured, and how. */
export interface Options {
  readonly scenarios: readonly Scenario[];
  readonly servers: readonly ServerName[];
  /** Windows of each server and scenario, of which the first is thrown away: at least 2. */
  readonly windows: number;
  /** About how long a window is, in seconds. */
  readonly windowSeconds: number;
  /** Calls to each server and scenario before its first window. */
  readonly warmUp: number;
  readonly serverCore: number;
  readonly loadCore: number;
  /** Where everything that was measured goes, too. */
  readonly json: string | undefined;
  /** The directory for profiles of our server; undefined if none are wanted. */
  readonly profiles: string | undefined;
}

export const usage = `Measures what a call costs, next to other servers, on this machine.

    node bench/wire/wire.ts [OPTIONS]

  --quick              a short run: 3 windows of 0.3 s, 10,000 calls of warm-up
  --only LIST          scenarios, with commas between them: ${scenarios.map(({ name }) => name).join(", ")}
  --servers LIST       servers, with commas between them: ${serverNames.join(", ")}
  --windows N          windows of each server, the first of which is thrown away (default 7)
  --window-seconds S   about how long a window is (default 0.8)
  --warm-up N          calls before the first window (default 80000)
  --cores A,B          the core of the server and that of the load (default 0,1)
  --json FILE          writes every window to a file, too
  --profile            profiles our server, once it is warm; measures no other unless --servers says so
  --profile-dir DIR    where the profiles go (default: a new directory for temporary files)
  --help               prints this
`;

/**
 * Reads the command line. Undefined when it asks for help.
 *
 * @throws Error in one line that says what is wrong.
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      servers: { type: "string" },
      windows: { type: "string" },
      "window-seconds": { type: "string" },
      "warm-up": { type: "string" },
      cores: { type: "string", default: "0,1" },
      json: { type: "string" },
      profile: { type: "boolean", default: false },
      "profile-dir": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { quick, profile } = values;
  const known = new Map(scenarios.map((scenario) => [scenario.name, scenario]));
  const servers = new Map(serverNames.map((name) => [name as string, name]));
  const wanted = values.servers ?? (profile ? "ours" : undefined);
  const [serverCore = Number.NaN, loadCore = Number.NaN] = values.cores.split(",").map(Number);
  if (!Number.isInteger(serverCore) || !Number.isInteger(loadCore)) {
    throw new Error("--cores must be two numbers, such as 0,1");
  }
  return {
    scenarios: chosen("--only", values.only, known),
    servers: chosen("--servers", wanted, servers),
    windows: Math.round(number("--windows", values.windows, quick ? 3 : 7, 2)),
    windowSeconds: number("--window-seconds", values["window-seconds"], quick ? 0.3 : 0.8, 0.01),
    warmUp: number("--warm-up", values["warm-up"], quick ? 10_000 : 80_000, 1),
    serverCore,
    loadCore,
    json: values.json,
    profiles: values["profile-dir"] ?? (profile ? "" : undefined),
  };
}

/** In the order of the table, whatever that of the list is. */
function chosen<T>(flag: string, list: string | undefined, known: ReadonlyMap<string, T>): T[] {
  if (list === undefined) return [...known.values()];
  const names = new Set(list.split(",").map((name) => name.trim()));
  for (const name of names) {
    if (!known.has(name)) {
      throw new Error(`${flag}: there is no ${name}, only ${[...known.keys()].join(", ")}`);
    }
  }
  return [...known].filter(([name]) => names.has(name)).map(([, value]) => value);
}

function number(flag: string, text: string | undefined, fallback: number, min: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!(value >= min)) throw new Error(`${flag} must be a number, at least ${min}`);
  return value;
}
