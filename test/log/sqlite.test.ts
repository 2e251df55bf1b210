import { onTestFinished } from "vitest";
import type { Log } from "../../src/log/log.ts";
import { openLogReader } from "../../src/log/reader.ts";
import { SqliteLog } from "../../src/log/sqlite.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { logContract } from "./contract.ts";

logContract("SQLite", async () => {
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
