import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { OutcomeKind } from "../../../gen/recommendations/v1/outcome_pb.js";
import { explainError } from "../../../src/client/index.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { temporaryDirectory } from "../../support/directory.ts";

const { IMPRESSION, CLICK } = OutcomeKind;

async function startLibrary(dataDir?: string): Promise<TestServer> {
  const server = await startServer(dataDir === undefined ? {} : { MARQUEE_DATA_DIR: dataDir });
  const items = ["emma", "persuasion", "dracula"].map((id) => ({ id, title: id }));
  await server.client.catalog.upsertItems({ items });
  return server;
}

/** Asks for recommendations so many times, shows the first item each time, and clicks it some times. */
async function audience(server: TestServer, variant: string, shown: number, clicked: number) {
  const { recommendations } = server.client;
  const outcomes = [];
  for (let user = 0; user < shown; user++) {
    const answer = await recommendations.recommend({ userId: `${variant} ${user}`, variant });
    const itemId = answer.recommendations[0]?.id ?? "";
    const { recommendationId } = answer;
    outcomes.push({ recommendationId, kind: IMPRESSION, itemId });
    if (user < clicked) outcomes.push({ recommendationId, kind: CLICK, itemId });
  }
  await recommendations.recordOutcomes({ outcomes });
  return outcomes;
}

it("should compare two variants over the wire, and count a repeat once", async () => {
  const server = await startLibrary();
  const { recommendations } = server.client;
  await audience(server, "", 100, 30);
  const told = await audience(server, "b", 100, 45);
  const again = await recommendations.recordOutcomes({ outcomes: told });
  expect(again).toMatchObject({ recorded: 0, unchanged: 145 });
  const { variants, baselineVariant } = await recommendations.compareVariants({});
  expect(baselineVariant).toBe("");
  expect(variants.map(({ variant }) => variant)).toEqual(["", "b"]);
  const [baseline, other] = variants;
  expect(baseline?.comparison).toBeUndefined();
  expect(other?.total).toMatchObject({
    recommendations: 100n,
    clickedRecommendations: 45n,
    impressions: 100n,
    clicks: 45n,
    clickThroughRate: 0.45,
  });
  expect(other?.total?.clickThroughRateLow).toBeCloseTo(0.3561, 3);
  expect(other?.total?.clickThroughRateHigh).toBeCloseTo(0.5476, 3);
  expect(other?.comparison).toMatchObject({ significant: true });
  expect(other?.comparison?.difference).toBeCloseTo(0.15, 10);
  expect(other?.comparison?.pValue).toBeCloseTo(0.02846, 4);
  // There was no model.
  expect(other?.models.map(({ trainedTime }) => trainedTime)).toEqual([undefined]);
  const turned = await recommendations.compareVariants({ baselineVariant: "b" });
  expect(turned.variants[0]?.comparison?.difference).toBeCloseTo(-0.15, 10);
});

it("should tell models apart, and what was recommended before an hour", async () => {
  const server = await startLibrary();
  const { client } = server;
  await audience(server, "", 3, 1);
  for (const viewerId of ["ann", "ben"]) {
    for (const videoName of ["emma", "persuasion"]) {
      await client.analytics.logView({ viewerId, videoName });
    }
  }
  let trainedTime;
  for await (const { model } of client.recommendations.trainModel({})) {
    trainedTime = model?.trainedTime ?? trainedTime;
  }
  await audience(server, "", 4, 2);
  const { variants } = await client.recommendations.compareVariants({});
  expect(variants[0]?.models.map((one) => [one.trainedTime, one.counts?.impressions])).toEqual([
    [trainedTime, 4n],
    [undefined, 3n],
  ]);
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
  const past = { interval: { endTime: timestampFromMs(hour) } };
  expect((await client.recommendations.compareVariants(past)).variants).toEqual([]);
});

it("should name the field of what is wrong", async () => {
  const server = await startLibrary();
  const { recommendations } = server.client;
  const fieldsOf = async (call: Promise<unknown>): Promise<string[]> => {
    const error = await call.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConnectError);
    expect([Code.InvalidArgument, Code.NotFound]).toContain((error as ConnectError).code);
    return explainError(error as ConnectError).violations.map(({ field }) => field);
  };
  const { recommendationId } = await recommendations.recommend({ userId: "ann" });
  const good = { recommendationId, kind: IMPRESSION, itemId: "emma" };
  const record = (...outcomes: object[]) => recommendations.recordOutcomes({ outcomes });
  expect(await fieldsOf(record())).toEqual(["outcomes"]);
  expect(await fieldsOf(record(good, { ...good, recommendationId: "made-up" }))).toEqual([
    "outcomes[1].recommendation_id",
  ]);
  expect(await fieldsOf(record({ ...good, kind: 0, itemId: "" }))).toEqual([
    "outcomes[0].kind",
    "outcomes[0].item_id",
  ]);
  const future = timestampFromMs(Date.now() + 600_000);
  expect(await fieldsOf(record({ ...good, outcomeTime: future }))).toEqual([
    "outcomes[0].outcome_time",
  ]);
  expect(await fieldsOf(recommendations.recommend({ variant: "a b" }))).toEqual(["variant"]);
  expect(await fieldsOf(recommendations.compareVariants({ baselineVariant: "c" }))).toEqual([
    "baseline_variant",
  ]);
  const half = timestampFromMs(1_800_000);
  expect(
    await fieldsOf(recommendations.compareVariants({ interval: { startTime: half } })),
  ).toEqual(["interval.start_time"]);
  expect((await recommendations.compareVariants({})).variants).toEqual([]);
});

it("should keep ids and counts over a new start, and have them in a backup", async () => {
  const dataDir = await temporaryDirectory();
  const first = await startLibrary(dataDir);
  const told = await audience(first, "b", 5, 2);
  const names: string[] = [];
  for await (const { part } of first.client.admin.streamBackup({})) {
    if (part.case === "file") names.push(part.value.name);
  }
  // Where they are.
  expect(names).toContain("state.db");
  await first.app.close();
  const second = await startServer({ MARQUEE_DATA_DIR: dataDir });
  const { recommendations } = second.client;
  expect(await recommendations.recordOutcomes({ outcomes: told })).toMatchObject({ recorded: 0 });
  const { variants, baselineVariant } = await recommendations.compareVariants({});
  expect(baselineVariant).toBe("b");
  expect(variants[0]?.total).toMatchObject({ impressions: 5n, clicks: 2n });
});
