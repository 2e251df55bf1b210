import { mkdtemp, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, outputOf } from "./foreign.ts";

const calls = new URL("../python/calls.py", import.meta.url).pathname;
const proto = new URL("../../../proto/", import.meta.url).pathname;

/** Calls the server at a URL by a command of calls.py; the values that it printed. */
export type PythonClient = (
  url: string,
  command: string,
  ...args: readonly (string | number)[]
) => Promise<unknown[]>;

/**
 * Installs grpcio, and generates stubs from the contracts of the tutorials with
 * its own tools, into a temporary directory.
 */
export async function pythonClient(): Promise<{ directory: string; call: PythonClient }> {
  const python = await install("install-python-tools");
  const directory = await mkdtemp(join(tmpdir(), "marquee-python-"));
  const contracts = (await readdir(join(proto, "tutorial"))).map((name) => `tutorial/${name}`);
  await outputOf(python, [
    ...["-m", "grpc_tools.protoc", `--proto_path=${proto}`],
    ...[`--python_out=${directory}`, `--grpc_python_out=${directory}`, ...contracts],
  ]);
  return {
    directory,
    async call(url, command, ...args) {
      const given = { env: { PYTHONPATH: directory } };
      const printed = await outputOf(
        python,
        [calls, new URL(url).host, command, ...args.map(String)],
        given,
      );
      return printed
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as unknown);
    },
  };
}

/** The port that clients of the tutorials dial, or any other if somebody has it. */
export async function tutorialPort(): Promise<string> {
  const isFree = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(50_051, () => probe.close(() => resolve(true)));
  });
  return isFree ? "50051" : "0";
}
