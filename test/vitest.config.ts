import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    // Tests start servers, threads and processes: generous, so that a busy
    // machine fails none of them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
  },
});
