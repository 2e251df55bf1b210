import { readFile, stat } from "node:fs/promises";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = join(root, "dist/pages");

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(root, "src/pages/build.ts")]);
});

/** All scripts that a page needs before it is drawn: what it names, and what those import. */
async function scriptsOf(html: string): Promise<Set<string>> {
  const text = await readFile(join(pages, html), "utf8");
  const named = [...text.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, path]) => path ?? "");
  const scripts = new Set<string>();
  const waiting = named.map((path) => join(pages, path));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (scripts.has(file)) continue;
    scripts.add(file);
    const script = await readFile(file, "utf8");
    const imported = script.matchAll(/\b(?:import|from)\s*["'](\.[^"']+\.js)["']/g);
    for (const [, path] of imported) waiting.push(join(dirname(file), path ?? ""));
  }
  return scripts;
}

describe("The first page", () => {
  it("should have less than 100 kB of script, as it is sent", async () => {
    const scripts = await scriptsOf("web/index.html");
    expect(scripts.size).toBeGreaterThan(0);
    const sizes = [...scripts].map(async (file) => (await stat(`${file}.gz`)).size);
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    // Guards against a pattern that finds nothing: Preact alone has more.
    expect(total).toBeGreaterThan(10_000);
    expect(total).toBeLessThan(100_000);
  });
});
