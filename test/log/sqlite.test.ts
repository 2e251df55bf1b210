import { onTestFinished } from "vitest";
import type { Log } from "../../src/log/log.ts";
import { openLogReader } from "../../src/log/reader.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { logContract, type LogSubject } from "./contract.ts";
import { removalContract } from "./removal-contract.ts";
import { viewsContract } from "./views-contract.ts";

for (const contract of [logContract, viewsContract, removalContract]) {
  contract("SQLite", async (): Promise<LogSubject> => {
    const directory = await temporaryDirectory();
    return {
      open: async (): Promise<Log> => {
        const log = await SqliteLog.open({ directory });
        onTestFinished(() => log.close());
        return log;
      },
      openReader: (log) => openLogReader(log.source),
    };
  });
}
