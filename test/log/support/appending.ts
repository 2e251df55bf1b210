import { SqliteLog } from "../../../src/log/sqlite.ts";
import { caller } from "../../support/callers.ts";
import { view } from "../../support/views.ts";

/**
 * A process that appends views by "ann" and "bob" to the log of a directory, then
 * erases "ann" and removes old views, and says on a line each what it was told is
 * on disk: until it ends, or MARQUEE_FAILPOINT ends it.
 */

const log = await SqliteLog.open({ directory: process.argv[2] ?? "" });

async function append(from: number): Promise<void> {
  const views = Array.from({ length: 100 }, (_, index) =>
    view({
      viewId: `view-${from + index}`,
      viewer: index % 2 === 0 ? "ann" : "bob",
      time: from + index,
    }),
  );
  await log.appendViews(caller(), views);
  process.stdout.write(views.map(({ viewId }) => `${viewId}\n`).join(""));
}

for (let round = 0; round < 30; round++) {
  await Promise.all([append(round * 200), append(round * 200 + 100)]);
}
const erased = log.eraseViewer(caller(), "ann").then(() => process.stdout.write("erased\n"));
const trimmed = log.trimViews(caller(), 3_000).then(() => process.stdout.write("trimmed\n"));
await Promise.all([erased, trimmed]);
await log.close();
