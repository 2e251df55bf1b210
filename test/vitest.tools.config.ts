import { defineConfig } from "vitest/config";
import { common } from "./vitest.config.ts";

/** The tests that need tools of the host: curl, strace. */
export default defineConfig({ test: { ...common, include: ["test/**/*.tools.test.ts"] } });
