import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { outputOf } from "../support/foreign.ts";
import { readReport, type Report } from "./report.ts";

const root = new URL("../../..", import.meta.url).pathname;
const config = new URL("./conformance.yaml", import.meta.url).pathname;
const server = new URL("./server.ts", import.meta.url).pathname;

/**
 * Installs the suite unless it is there, and runs all of its cases that the
 * configuration asks for against the wire.
 *
 * @param timeoutMs when a run is ended: the suite itself waits forever for an
 *   answer that does not come.
 * @param pattern of the names of cases, such as "Timeouts/**". Default: all.
 * @throws Error if the suite cannot be installed.
 */
export async function runConformance(timeoutMs: number, pattern?: string): Promise<Report> {
  const folder = (await outputOf(".ci/install-conformance", [], { timeoutMs: 900_000 })).trim();
  const directory = await mkdtemp(join(tmpdir(), "marquee-conformance-"));
  try {
    const image = join(directory, "contract.binpb");
    await outputOf("node_modules/.bin/buf", ["build", join(folder, "proto"), "-o", image]);
    const command = join(folder, "connectconformance");
    const report = await run(command, image, timeoutMs, pattern);
    if (report.total > 0 || report.code === undefined) return report;
    // The suite ended in the middle of its cases, by a fault of its own.
    process.stderr.write(`the conformance suite ended early, once more:\n${report.rest}\n`);
    return await run(command, image, timeoutMs, pattern);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(
  command: string,
  image: string,
  timeoutMs: number,
  pattern: string | undefined,
): Promise<Report> {
  // Some cases have a tolerance of half a second: no more at a time than a small
  // machine can do beside other suites.
  const atATime = ["--max-servers", "2", "--parallel", "4"];
  const cases = pattern === undefined ? [] : ["--run", pattern];
  const args = ["--mode", "server", "--conf", config, "--vv", ...atATime, ...cases];
  const suite = spawn(command, [...args, "--", process.execPath, server, image], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: the suite leaves its servers behind when it is ended.
    detached: true,
  });
  const killAll = (): void => {
    try {
      if (suite.pid !== undefined) process.kill(-suite.pid, "SIGKILL");
    } catch {
      // All of them are gone.
    }
  };
  let timedOut = false;
  const timeout = setTimeout(() => {
    timedOut = true;
    killAll();
  }, timeoutMs);
  // Servers that it leaves behind would keep its output open.
  suite.once("exit", killAll);
  try {
    const [stdout, stderr, [code]] = await Promise.all([
      text(suite.stdout),
      text(suite.stderr),
      once(suite, "close") as Promise<[number | null]>,
    ]);
    return readReport(stdout + stderr, timedOut ? undefined : (code ?? undefined));
  } finally {
    clearTimeout(timeout);
  }
}
