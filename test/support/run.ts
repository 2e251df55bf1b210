import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What a command printed, and how it ended. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs a command in the root of the project; a failure is an answer too. */
export async function run(command: string, ...args: readonly string[]): Promise<Ran> {
  const options = { cwd: new URL("../..", import.meta.url), maxBuffer: 64 * 1_048_576 };
  try {
    return { ...(await execute(command, args, options)), code: 0 };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    // A command that cannot be run at all is no answer.
    if (typeof code !== "number") throw error;
    return { stdout, stderr, code };
  }
}
