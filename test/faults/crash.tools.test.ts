import { describe, expect, it } from "vitest";
import { crashAgainAndAgain } from "./support/crash-rounds.ts";
import { ways } from "./support/load.ts";

describe("a server that is killed fifty times", () => {
  it(
    "should have every acknowledged view once, in log and columns",
    { timeout: 600_000 },
    async () => {
      expect(await crashAgainAndAgain(50, ways)).toBeGreaterThan(0);
    },
  );
});
