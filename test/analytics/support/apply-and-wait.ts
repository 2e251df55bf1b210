import { parseArgs } from "node:util";
import { DuckDBColumns } from "../../../src/analytics/columns/duckdb.ts";
import { EntryType } from "../../../src/log/log.ts";
import { entry } from "./entries.ts";

/** A process that applies views, and an erasure among them, and waits to be killed, or for its input to end. */
const { values } = parseArgs({ options: { file: { type: "string" }, secret: { type: "string" } } });

const columns = new DuckDBColumns(
  {
    file: values.file ?? "",
    memoryMb: 128,
    compression: false,
    compaction: { quietMs: 1, latestMs: 1 },
  },
  { onCompacted: () => process.stdout.write("compacted\n") },
);
await columns.open("log");
await columns.apply([
  entry(1, { viewer: 1, referrer: values.secret ?? "" }),
  entry(2, { viewer: 2, watchMs: 5 }),
  entry(3, { type: EntryType.ERASE, viewer: 1, video: 0 }),
]);
process.stdin.resume();
