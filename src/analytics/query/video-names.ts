import { setImmediate } from "node:timers/promises";
import type { Log } from "../../log/log.ts";

/** How many names are looked up in one turn of the event loop: a few milliseconds' work. */
const AT_ONCE = 1_000;

/** The names of videos, by their numbers; none for what the log does not have. */
export async function videoNames(
  log: Log,
  project: number,
  videos: readonly number[],
): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (let at = 0; at < videos.length; at += AT_ONCE) {
    if (at > 0) await setImmediate();
    const some = videos.slice(at, at + AT_ONCE);
    const found = await log.namesOf(project, "video", some);
    for (const [index, video] of some.entries()) {
      const name = found[index];
      if (name !== undefined) names.set(video, name);
    }
  }
  return names;
}
