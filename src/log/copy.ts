import { Thread } from "../thread.ts";
import type { CopyApi } from "./copy-thread.ts";
import type { LogSource } from "./log.ts";

/** Writes a copy of a log into a new file, by a thread of its own, and tells the position of the copy. */
export async function copyLog(source: LogSource, file: string): Promise<number> {
  const thread = new Thread<CopyApi>(new URL("./copy-thread.ts", import.meta.url), {
    name: "log copy",
    data: source,
  });
  try {
    return await thread.call("copyTo", file);
  } finally {
    await thread.close();
  }
}
