/**
 * Builds the pages into dist/pages, unless they are there and up to date. Run by
 * `npm start`, by the tests and by the image's build; takes a few seconds, or a
 * few milliseconds when there is nothing to do.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUTPUT = join(ROOT, "dist/pages");
const KEY_FILE = join(ROOT, "dist/pages.key");

/** All that the pages are made of. */
const SOURCES = ["src/web", "src/ui", "src/explorer", "src/client", "src/pages", "gen"];

/** What is worth compressing. */
const TEXTS = /\.(?:html|js|css|svg)$/;

/** Builds what is missing or stale. Rejects with the bundler's words if it cannot. */
export async function buildPages(): Promise<void> {
  const key = await sourceKey();
  const isBuilt = await readFile(join(OUTPUT, "web/index.html")).then(
    () => true,
    () => false,
  );
  if (isBuilt && (await readFile(KEY_FILE, "utf8").catch(() => "")) === key) return;
  const { build } = await import("vite");
  // Several processes may build at once: each into a folder of its own.
  const temporary = `${OUTPUT}.${process.pid}`;
  try {
    await build({
      configFile: fileURLToPath(new URL("vite.config.ts", import.meta.url)),
      logLevel: "warn",
      build: { outDir: temporary },
    });
    await compressAll(temporary);
    await rm(OUTPUT, { recursive: true, force: true });
    await rename(temporary, OUTPUT);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await writeFile(KEY_FILE, key);
}

/** Puts beside each text what browsers are sent that take brotli or gzip. */
async function compressAll(directory: string): Promise<void> {
  for (const name of await readdir(directory, { recursive: true })) {
    if (!TEXTS.test(name)) continue;
    const file = join(directory, name);
    const content = await readFile(file);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength };
    await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params }));
    await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
  }
}

/** Changes whenever what is built does. */
async function sourceKey(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(join(ROOT, "package-lock.json")));
  for (const source of SOURCES) {
    const names = await readdir(join(ROOT, source), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    for (const file of files.map((entry) => join(entry.parentPath, entry.name)).toSorted()) {
      hash.update(file.slice(ROOT.length)).update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

if (import.meta.main) await buildPages();
