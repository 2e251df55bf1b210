import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** How the pages are built, and served with live reloading while one works on them. */
export default defineConfig({
  root: at(""),
  base: "/",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: at("../dist/pages"),
    emptyOutDir: true,
    target: "es2022",
    // Pages are small: what is inlined as data: would need an exception in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [at("web/index.html"), at("web/dashboard.html"), at("explorer/docs.html")],
    },
  },
});
