import { join } from "node:path";
import { onTestFinished } from "vitest";
import { DuckDBColumns } from "../../src/analytics/columns/duckdb.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { columnsContract } from "./columns-contract.ts";

columnsContract("DuckDB", async () => {
  const directory = await temporaryDirectory();
  return {
    open: async () => {
      const columns = new DuckDBColumns({
        file: join(directory, "columns.duckdb"),
        memoryMb: 256,
      });
      onTestFinished(() => columns.close());
      return columns;
    },
  };
});
