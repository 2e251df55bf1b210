import { removeAll, removing, type Removing } from "./eraser.ts";
import { reclaim } from "./reclaimer.ts";
import { SCANNED } from "./removal-finder.ts";

/**
 * Removes the views of a project that began before a time, up to a position,
 * and tells how many. The TRIM entry comes first: whatever a crash leaves of them
 * is in no projection that has come there, and goes with the next trim.
 */
export async function trimViews(
  log: Removing,
  project: number,
  before: number,
  head: number,
): Promise<number> {
  let views = 0;
  let end = head;
  let begun = false;
  let position = 0;
  while (position < end) {
    removing(log);
    const upTo = Math.min(end, position + SCANNED);
    const found = await log.reader.call("findBefore", position, upTo, project, before);
    position = upTo;
    if (found.length > 0 && !begun) {
      begun = true;
      end = await log.queue.append({ project, trimBefore: before }, 1, (receipts) =>
        receipts.next(),
      );
    }
    views += await removeAll(log, found, undefined);
  }
  if (views > 0) await reclaim(log, end);
  return views;
}
