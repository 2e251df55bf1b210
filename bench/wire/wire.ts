/**
 * What a call costs on this wire, next to bare Node and to other servers, in
 * the same run: `node bench/wire/wire.ts --help`.
 */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { killAll } from "./child.ts";
import { readOptions, usage, type Options } from "./options.ts";
import { machine, mediansOf, tableOf } from "./report.ts";
import { runScenario, type ScenarioResult } from "./runner.ts";

function fail(message: string): never {
  process.stderr.write(`bench/wire: ${message}\n`);
  process.exit(1);
}

const options = optionsOrExit();
const h2load = spawnSync("h2load", ["--version"], { encoding: "utf8" });
if (h2load.status !== 0) {
  fail("h2load makes the load, and is not there: apt-get install nghttp2-client");
}
// This process shares the core of the load, so that it takes nothing from the server.
const pinned = spawnSync("taskset", ["-acp", String(options.loadCore), String(process.pid)]);
if (pinned.status !== 0) {
  fail(`taskset cannot pin to core ${options.loadCore}: it needs Linux, util-linux and two cores`);
}

const directory = await mkdtemp(join(tmpdir(), "marquee-bench-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killAll();
    void rm(directory, { recursive: true, force: true }).finally(() => process.exit(130));
  });
}

try {
  const results = await runAll(options);
  const facts = await machine(h2load.stdout.trim());
  print(`\n${facts}\n\n${tableOf(results, options)}`);
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(asJson(facts, results), null, 2)}\n`);
  }
  for (const { profile } of results) {
    if (profile === undefined) continue;
    print(`\nnode bench/wire/profile.ts ${profile.file} --calls ${profile.calls}`);
  }
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`bench/wire: ${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  killAll();
  await rm(directory, { recursive: true, force: true });
}

async function runAll(wanted: Options): Promise<ScenarioResult[]> {
  const profiles = await profileDirectory(wanted);
  const results: ScenarioResult[] = [];
  for (const scenario of wanted.scenarios) {
    results.push(await runScenario(scenario, { ...wanted, profiles }, directory, say));
  }
  return results;
}

async function profileDirectory({ profiles }: Options): Promise<string | undefined> {
  if (profiles === undefined) return undefined;
  if (profiles === "") return mkdtemp(join(tmpdir(), "marquee-profiles-"));
  await mkdir(profiles, { recursive: true });
  return resolve(profiles);
}

function asJson(facts: string, results: readonly ScenarioResult[]): object {
  return {
    machine: facts,
    scenarios: results.map(({ scenario, measured }) => ({
      name: scenario.name,
      title: scenario.title,
      concurrency: scenario.concurrency,
      servers: measured.map((one) => ({ ...one, medians: mediansOf(one.windows) })),
    })),
  };
}

function optionsOrExit(): Options {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== undefined) return read;
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}; --help tells more`);
  }
  print(usage);
  return process.exit(0);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Progress, apart from the table, so that the table can go to a file. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
