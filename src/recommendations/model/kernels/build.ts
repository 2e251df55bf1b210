/**
 * Builds the kernels into dist/kernels.wasm, unless they are there and up to
 * date. Run by `npm start`, by the tests and by the image's build; takes two
 * seconds, or a few milliseconds when there is nothing to do.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { KERNELS_FILE } from "./kernels.ts";

const SOURCES = fileURLToPath(new URL("./assembly/", import.meta.url));

/**
 * Shared memory, so that all threads of a training work on the same arrays. No
 * relaxed SIMD: results must be the same bits on every machine.
 */
const OPTIONS = [
  ...["--runtime", "stub", "--noAssert", "-O3"],
  ...["--enable", "simd", "--enable", "threads"],
  ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
];

/** As in package.json: another compiler may build other bits. */
const COMPILER_VERSION = "0.28.20";

/** Builds what is missing or stale. Rejects with the compiler's words if it cannot. */
export async function buildKernels(): Promise<void> {
  const file = fileURLToPath(KERNELS_FILE);
  const keyFile = `${file}.key`;
  const key = await sourceKey();
  const [builtKey, built] = await Promise.all([
    readFile(keyFile, "utf8").catch(() => ""),
    readFile(file).catch(() => undefined),
  ]);
  if (builtKey === key && built !== undefined) return;
  await mkdir(fileURLToPath(new URL("./", KERNELS_FILE)), { recursive: true });
  const compiler = dirname(fileURLToPath(import.meta.resolve("assemblyscript/asc")));
  const command = join(compiler, "..", "bin", "asc.js");
  // Several processes may build at once: each into a file of its own.
  const temporary = `${file}.${process.pid}`;
  try {
    const output = ["--outFile", temporary];
    await promisify(execFile)(process.execPath, [command, "index.ts", ...output, ...OPTIONS], {
      cwd: SOURCES,
    });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  await writeFile(keyFile, key);
}

/** Changes whenever what is built does. */
async function sourceKey(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(SOURCES)).toSorted()) {
    hash.update(name).update(await readFile(SOURCES + name));
  }
  return hash.update(OPTIONS.join(" ")).update(COMPILER_VERSION).digest("hex");
}

if (import.meta.main) await buildKernels();
