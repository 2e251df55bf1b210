import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, outputOf, runForeign } from "./foreign.ts";

const sources = new URL("../go/", import.meta.url).pathname;

/** The tests of a Go package, compiled. */
export interface GoTests {
  readonly names: readonly string[];
  /** Runs one of them; what is wrong, or undefined if it passed. */
  run(name: string, env: Readonly<Record<string, string>>): Promise<string | undefined>;
}

/**
 * Generates Go clients of all contracts from their files, and compiles the
 * tests of the packages of test/interop/go that use them, in a temporary
 * directory.
 */
export async function compileGoTests<const Names extends readonly string[]>(
  ...packages: Names
): Promise<{ directory: string; tests: { [Index in keyof Names]: GoTests } }> {
  const bin = await install("install-go-tools");
  const directory = await mkdtemp(join(tmpdir(), "marquee-go-"));
  await cp(sources, directory, { recursive: true });
  const generate = ["generate", "--template", join(sources, "buf.gen.yaml"), "-o", directory];
  const path = `${bin}:${process.env["PATH"]}`;
  await outputOf("node_modules/.bin/buf", generate, { env: { PATH: path } });
  const tests = await Promise.all(packages.map((name) => compile(directory, name)));
  return { directory, tests: tests as { [Index in keyof Names]: GoTests } };
}

async function compile(directory: string, name: string): Promise<GoTests> {
  const program = join(directory, `${name}.test`);
  const build = ["test", "-mod=readonly", "-c", "-o", program, `./${name}`];
  await outputOf("go", build, { cwd: directory, timeoutMs: 900_000 });
  const list = await outputOf(program, ["-test.list", "."]);
  return {
    names: list.trim().split("\n"),
    async run(test, env) {
      const args = ["-test.v", "-test.run", `^${test}$`];
      const { stdout, stderr, code } = await runForeign(program, args, { env });
      return code === 0 && stdout.includes(`--- PASS: ${test} (`) ? undefined : stdout + stderr;
    },
  };
}
