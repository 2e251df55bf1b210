import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const builds = [
  new URL("../../src/recommendations/model/kernels/build.ts", import.meta.url),
  new URL("../../src/pages/build.ts", import.meta.url),
];

const cache = new URL("../../node_modules/.cache/compile", import.meta.url);

/** What vitest runs before any test: trainings need the kernels, browsers the pages. */
export default async function build(): Promise<void> {
  // Servers and threads of tests need not strip types again and again.
  process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(cache);
  // By processes of their own, as `npm start` does: vitest's loader cannot resolve packages for them.
  const run = promisify(execFile);
  await Promise.all(builds.map((script) => run(process.execPath, [fileURLToPath(script)])));
}
