import { expect, it } from "vitest";
import { OutcomeKind } from "../../gen/recommendations/v1/outcome_pb.js";
import { startServer } from "../support/server.ts";
import { marquee } from "./marquee.ts";

const { IMPRESSION, CLICK } = OutcomeKind;

it("variants compares what was clicked", async () => {
  const { url, client } = await startServer();
  const nothing = await marquee(url, "variants");
  expect(nothing.stdout).toBe("Nothing was recorded of recommendations: RecordOutcomes does.\n");
  await client.catalog.upsertItems({ items: [{ id: "emma", title: "Emma" }] });
  for (const [variant, clicks] of [
    ["", 30],
    ["b", 45],
  ] as const) {
    const outcomes = [];
    for (let user = 0; user < 100; user++) {
      const { recommendationId } = await client.recommendations.recommend({ variant });
      outcomes.push({ recommendationId, kind: IMPRESSION, itemId: "emma" });
      if (user < clicks) outcomes.push({ recommendationId, kind: CLICK, itemId: "emma" });
    }
    await client.recommendations.recordOutcomes({ outcomes });
  }
  const { code, stdout } = await marquee(url, "variants", "--since", "2h", "--models");
  expect(code).toBe(0);
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["VARIANT", "SHOWN", "IMPRESSIONS", "CLICKS", "RATE", "95 %", "DIFFERENCE"],
    ["(none)", "100", "100", "30", "30.00 %", "21.89 % to 39.58 %", "baseline"],
    ["", "no model", "100", "100", "30", "30.00 %", "21.89 % to 39.58 %"],
    ["b", "100", "100", "45", "45.00 %", "35.61 % to 54.76 %", "+15.00 %, p 0.0285"],
    ["", "no model", "100", "100", "45", "45.00 %", "35.61 % to 54.76 %"],
    [""],
  ]);
  const json = JSON.parse((await marquee(url, "variants", "--json")).stdout) as {
    variants: { variant: string; comparison?: object }[];
  };
  expect(json.variants[1]).toMatchObject({ variant: "b", comparison: { significant: true } });
  const unknown = await marquee(url, "variants", "--baseline", "c");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toBe('marquee: --baseline: there is no variant "c"\n');
});
