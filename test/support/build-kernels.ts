import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const build = new URL("../../src/recommendations/model/kernels/build.ts", import.meta.url);
const cache = new URL("../../node_modules/.cache/compile", import.meta.url);

/** What vitest runs before any test: trainings need the kernels. */
export default async function buildKernels(): Promise<void> {
  // Servers and threads of tests need not strip types again and again.
  process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(cache);
  // By a process of its own, as `npm start` does: vitest's loader cannot resolve packages for it.
  await promisify(execFile)(process.execPath, [fileURLToPath(build)]);
}
