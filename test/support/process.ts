import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

const entry = new URL("../../src/bin.js", import.meta.url).pathname;

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it logged so far. */
  readonly lines: readonly Record<string, unknown>[];
  /** Sends a signal and waits for the end; the exit code, or the signal that ended it. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/**
 * Starts a server as `npm start` does, on a free port unless one is given, and
 * waits until it is ready, or only listening. `wrapper` is a command that runs
 * it, such as strace; `args` come after `serve`.
 */
export async function spawnServer(
  settings: Readonly<Record<string, string>> & { MARQUEE_DATA_DIR: string },
  wrapper: readonly string[] = [],
  until: "ready" | "listening" = "ready",
  args: readonly string[] = [],
): Promise<ServerProcess> {
  const command = [...wrapper, process.execPath, entry, "serve", ...args];
  const child = spawn(command[0] as string, command.slice(1), {
    env: { ...process.env, MARQUEE_PORT: "0", MARQUEE_TRAIN_INTERVAL_MS: "0", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const lines: Record<string, unknown>[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    let url: string | undefined;
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      lines.push(line);
      if (line["msg"] === "listening") url ??= String(line["url"]);
      if (line["msg"] === until && url !== undefined) resolve(url);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
  });
  const url = await ready;
  return {
    child,
    url,
    lines,
    stop: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, "exit");
        // Not to the wrapper, which may keep signals from what it runs.
        process.kill(Number(lines[0]?.["pid"]), signal);
        await exited;
      }
      return child.exitCode ?? child.signalCode;
    },
  };
}
