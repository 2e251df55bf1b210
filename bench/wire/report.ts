import { readFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import type { Window } from "./contestant.ts";
import type { Options } from "./options.ts";
import type { Measured, ScenarioResult } from "./runner.ts";
import { serverTitles, type ServerName } from "./servers/server.ts";
import { median } from "./statistics.ts";

/** The medians of the windows of one server. */
export interface Medians {
  readonly rate: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
  readonly busy: number;
  readonly waited: number;
  /** How far the rates of its windows are apart, as a share of their median. */
  readonly spread: number;
}

/** Of all windows that count. */
export function mediansOf(windows: readonly Window[]): Medians {
  const of = (key: keyof Window): number => median(windows.map((window) => window[key]));
  const rates = windows.map(({ rate }) => rate);
  return {
    rate: of("rate"),
    cpuMicros: of("cpuMicros"),
    p50: of("p50"),
    p99: of("p99"),
    busy: of("busy"),
    waited: of("waited"),
    spread: (Math.max(...rates) - Math.min(...rates)) / of("rate"),
  };
}

/** The machine and the versions, in one line. */
export async function machine(h2load: string): Promise<string> {
  const all = cpus();
  const cpu = all[0]?.model.trim() ?? "unknown CPU";
  const cores = `${all.length} ${all.length === 1 ? "core" : "cores"}`;
  const { devDependencies } = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { devDependencies: Readonly<Record<string, string>> };
  const others = ["@grpc/grpc-js", "@connectrpc/connect-fastify"]
    .map((name) => `${name} ${devDependencies[name]}`)
    .join(", ");
  const system = `${process.platform} ${release()}`;
  return `Node.js ${process.versions.node}, ${cpu}, ${cores}, ${system}; ${others}; ${h2load}`;
}

/** A server on a quiet machine waits for its core no longer than this share of the time. */
const QUIET = 0.03;

const head = [
  "| call | server | per second | CPU for each | p50 | p99 | of bare | to grpc-js | core | spread |",
  "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
];

/** A table in Markdown, with what is to be known of it below. */
export function tableOf(results: readonly ScenarioResult[], options: Options): string {
  const lines = [...head, ...results.flatMap((result) => rowsOf(result))];
  lines.push(
    "",
    `Medians of ${options.windows - 1} windows of about ${options.windowSeconds} s, in turns, after ` +
      `${count(options.warmUp)} calls of warm-up; server and load have a core each. ` +
      "CPU is that of the server's process. Latencies are those of a server that has all the calls at " +
      "once that it can take, so they are mostly queueing. “of bare” and “to grpc-js” are " +
      "ratios of calls per second. “core” is the share of its core that the server used: well below " +
      "100 %, the load was the slower one, or others used the core. “spread” is the distance of the " +
      "fastest window from the slowest.",
    "",
    ...results.map(({ scenario }) => `- ${scenario.title}: ${scenario.concurrency}.`),
  );
  lines.push(...caveats(results).flatMap((caveat) => ["", caveat]));
  return lines.join("\n");
}

/** What makes the figures worth less than they seem. */
function caveats(results: readonly ScenarioResult[]): string[] {
  const found: string[] = [];
  const all = results.flatMap(({ measured }) => measured);
  const waited = Math.max(0, ...all.map(({ windows }) => mediansOf(windows).waited));
  if (waited > QUIET) {
    found.push(
      `This machine was not quiet: a server waited up to ${percent(waited)} of the time for others to leave its core.`,
    );
  }
  if (all.some(({ intercepted }) => intercepted === false)) {
    found.push("Marquee ran without the interceptor: its wire takes none.");
  }
  return found;
}

function rowsOf({ scenario, measured }: ScenarioResult): string[] {
  const all = new Map(measured.map((one) => [one.server, mediansOf(one.windows)]));
  const ratio = (server: ServerName, rate: number): string => {
    const base = all.get(server);
    return base === undefined ? "–" : (rate / base.rate).toFixed(2);
  };
  return measured.map(({ server }: Measured, index) => {
    const own = all.get(server) ?? mediansOf([]);
    const rate =
      scenario.messages === 1
        ? count(own.rate)
        : `${count(own.rate)} (${count(own.rate * scenario.messages)} messages)`;
    const cells = [
      index === 0 ? scenario.title : "",
      serverTitles[server],
      rate,
      `${own.cpuMicros < 100 ? own.cpuMicros.toFixed(1) : count(own.cpuMicros)} µs`,
      milliseconds(own.p50),
      milliseconds(own.p99),
      ratio("bare", own.rate),
      ratio("grpc-js", own.rate),
      percent(own.busy),
      percent(own.spread),
    ];
    return `| ${cells.join(" | ")} |`;
  });
}

function count(value: number): string {
  const digits = value < 1_000 ? 3 : value < 10_000 ? 2 : 3;
  return Number(value.toPrecision(digits)).toLocaleString("en");
}

function milliseconds(micros: number): string {
  return `${(micros / 1_000).toPrecision(3)} ms`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
