import { describe, expect, it } from "vitest";
import { crashAgainAndAgain } from "./support/crash-rounds.ts";
import { ways } from "./support/load.ts";

/** How often servers are killed; crash.tools.test.ts does it more often. */
const KILLS = Number(process.env["MARQUEE_TEST_KILLS"] ?? 8);

describe("a server that is killed", () => {
  it(
    "should have every acknowledged view once, in log and columns",
    { timeout: 600_000 },
    async () => {
      expect(await crashAgainAndAgain(KILLS, ways)).toBeGreaterThan(0);
    },
  );
});
