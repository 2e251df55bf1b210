import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** The files below a directory that have a text in them, by their paths in it. */
export async function filesWith(directory: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // Some come and go while they are looked for.
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return Buffer.alloc(0);
      throw error;
    });
    if (bytes.includes(text)) found.push(relative(directory, path));
  }
  return found;
}
