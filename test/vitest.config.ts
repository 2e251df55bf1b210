import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/** What all suites have in common. */
export const common = {
  root: new URL("..", import.meta.url).pathname,
  globalSetup: new URL("support/build.ts", import.meta.url).pathname,
  // Tests start servers, threads and processes: generous, so that a busy
  // machine fails none of them.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000 } },
  pool: "forks",
  // On two cores vitest takes one: much of what these tests do is to wait.
  maxWorkers: Math.max(2, availableParallelism() - 1),
} as const;

/** The tests that need nothing but the packages. */
export default defineConfig({
  test: {
    ...common,
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/**/*.tools.test.ts"],
  },
});
