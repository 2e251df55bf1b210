import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Ran } from "../../support/run.ts";

const root = new URL("../../..", import.meta.url);

/** What a foreign program is given. */
interface Given {
  /** Environment variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from its standard input. Default: nothing. */
  readonly input?: string;
  /** Where it runs. Default: the root of the project. */
  readonly cwd?: string;
  /** When it is ended, in milliseconds: what hangs is a failure. Default: 50 seconds. */
  readonly timeoutMs?: number;
}

/** Runs a foreign program; that it fails is an answer too. */
export async function runForeign(
  command: string,
  args: readonly string[],
  { env, input = "", cwd, timeoutMs = 50_000 }: Given = {},
): Promise<Ran> {
  const running = promisify(execFile)(command, args, {
    cwd: cwd ?? root,
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1_048_576,
    timeout: timeoutMs,
  });
  // A program that ends without reading all of it is not at fault.
  running.child.stdin?.on("error", () => undefined).end(input);
  try {
    return { ...(await running), code: 0 };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== "number") throw error;
    return { stdout, stderr, code };
  }
}

/** Runs a foreign program that must succeed; what it printed. */
export async function outputOf(
  command: string,
  args: readonly string[],
  given: Given = {},
): Promise<string> {
  const { stdout, stderr, code } = await runForeign(command, args, given);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

/**
 * Installs what a suite needs, unless it is there, by a script of .ci. Building
 * it may take minutes the first time.
 *
 * @returns where it is.
 */
export async function install(
  script: "install-go-tools" | "install-python-tools" | "install-browser",
): Promise<string> {
  return (await outputOf(`.ci/${script}`, [], { timeoutMs: 900_000 })).trim();
}
