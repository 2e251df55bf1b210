import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A server under attack, in a process of its own. */
export interface Target {
  readonly port: number;
  /** What it logged so far, but for calls. */
  readonly lines: readonly Record<string, unknown>[];
  /** Whether it lives. */
  isUp(): boolean;
  /** Its resident memory in MiB. */
  memory(): number;
}

/** Starts one of the scripts beside this file; it ends with the test. */
export async function startTarget(script: string, argument: string): Promise<Target> {
  const path = new URL(script, import.meta.url).pathname;
  const child = spawn(process.execPath, [path, argument], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Record<string, unknown>[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${script} ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      if (line["msg"] === "listening") resolve(Number(line["port"]));
      else if (line["msg"] !== "call") lines.push(line);
    });
  });
  return {
    port,
    lines,
    isUp: () => child.exitCode === null && child.signalCode === null,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024;
    },
  };
}
