import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it, unless they are there. Node's own
 * recursive mkdir never returns where the system says ENOENT of a directory
 * whose parent is there, as it does in /proc.
 *
 * @throws the error of the system, also if there is something else by that name.
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !isDirectory(dirname(path))) {
      makeDirectory(dirname(path));
      makeDirectory(path);
    } else if (!isDirectory(path)) {
      // Of one that is there, the system may say this or that, such as EROFS.
      throw error;
    }
  }
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
