import { internalCaller } from "../../../src/caller.ts";
import { SqliteLog } from "../../../src/log/sqlite.ts";

/** Removes the views from a log that began before a time: `node trim-process.ts DIRECTORY MS`. */
const [directory = "", before = ""] = process.argv.slice(2);
const log = await SqliteLog.open({ directory });
await log.trimViews(internalCaller(0, new AbortController().signal), Number(before));
await log.close();
