import { describe, expect, it } from "vitest";
import { runRound } from "./round.ts";

/**
 * MARQUEE_TEST_SEED asks for one seed, MARQUEE_TEST_ROUNDS for more rounds than
 * two, each with a seed of its own. A failure names its seed.
 */
const wanted = process.env["MARQUEE_TEST_SEED"];
const rounds = Number(process.env["MARQUEE_TEST_ROUNDS"] ?? 2);
const start = Math.floor(Math.random() * 2 ** 31);
const seeds =
  wanted === undefined
    ? Array.from({ length: rounds }, (_, round) => start + round)
    : [Number(wanted)];
const size = {
  views: Number(process.env["MARQUEE_TEST_VIEWS"] ?? 3_000),
  questions: Number(process.env["MARQUEE_TEST_QUESTIONS"] ?? 150),
};

describe("AnalyticsService", () => {
  for (const seed of seeds) {
    it(
      `should answer every question exactly, seed ${seed}`,
      { timeout: 120_000 + 20 * (size.views + size.questions * 10) },
      async () => {
        const { mistakes } = await runRound(seed, size);
        const told = [`MARQUEE_TEST_SEED=${seed}`, ...mistakes.slice(0, 5)].join("\n\n");
        expect(mistakes.length, told).toBe(0);
      },
    );
  }
});
