import { removing, type Removing } from "./eraser.ts";

/** How many rows one transaction deletes at most: some 10 ms. */
const MAX_DELETED = 1_000;

/**
 * Deletes the rows of entries that were removed, up to a position, so that their
 * pages can be used again. Only those that have no texts near them: see
 * {@link RemovalFinder.reclaimable}.
 */
export async function reclaim(log: Removing, upTo: number): Promise<void> {
  let position = 0;
  while (position < upTo) {
    removing(log);
    const found = await log.reader.call("findReclaimable", position);
    for (let at = 1; at < found.length; at += MAX_DELETED) {
      removing(log);
      const rows = found.slice(at, at + MAX_DELETED);
      await log.queue.append({ reclaim: rows }, 0, () => undefined);
    }
    const next = found[0] ?? position;
    if (next <= position) return;
    position = next;
  }
}
