import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { LoadSampleStage, type LoadSampleResponse } from "../../gen/sample/v1/sample_service_pb.js";
import type { MarqueeClient } from "../../src/client/client.ts";
import { readBooks } from "../../src/sample/books.ts";
import { TRENDING } from "../../src/sample/bursts.ts";
import { openServer, startServer } from "../support/server.ts";

/** All that LoadSample tells, up to the first message that is enough. */
async function load(
  client: MarqueeClient,
  isEnough: (progress: LoadSampleResponse) => boolean = () => false,
): Promise<LoadSampleResponse[]> {
  const told: LoadSampleResponse[] = [];
  const controller = new AbortController();
  try {
    for await (const progress of client.sample.loadSample({}, { signal: controller.signal })) {
      told.push(progress);
      if (isEnough(progress)) controller.abort();
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  }
  return told;
}

/** The code and reason with which LoadSample fails. */
async function refusal(client: MarqueeClient): Promise<string> {
  const error = await load(client).then(() => "no error", ConnectError.from);
  return error instanceof ConnectError ? `${Code[error.code]}: ${error.rawMessage}` : error;
}

const hasViews = ({ stage, done }: LoadSampleResponse): boolean =>
  stage === LoadSampleStage.VIEWS && done > 5_000n;

describe("a sample that was begun, and then loaded", () => {
  let server: Awaited<ReturnType<typeof openServer>>;
  let client: MarqueeClient;
  let begun: LoadSampleResponse[];
  let told: LoadSampleResponse[];
  const books = readBooks();

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), "marquee-test-"));
    server = await openServer({ MARQUEE_DATA_DIR: directory });
    ({ client } = server);
    begun = await load(client, hasViews);
    // The server hears of it a little later.
    await vi.waitFor(async () => (told = await load(client)), { timeout: 50_000 });
  });
  afterAll(async () => {
    await server.close();
    await rm(server.dataDir, { recursive: true, force: true, maxRetries: 3 });
  });

  it("should tell how far it is, stage by stage", () => {
    const stages = told.map(({ stage }) => stage);
    expect([...new Set(stages)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stages).toEqual(stages.toSorted((a, b) => a - b));
    for (const stage of [1, 2, 3, 4, 5]) {
      const of = told.filter((one) => one.stage === stage);
      expect(of.map(({ done }) => done)).toEqual(of.map(({ done }) => done).toSorted(byValue));
      expect(of.at(-1)?.done).toBe(of.at(-1)?.total);
      expect(new Set(of.map(({ total }) => total)).size).toBe(1);
    }
    expect(told.at(-1)).toMatchObject({ stage: LoadSampleStage.DONE, done: 0n, total: 0n });
  });

  it("should put the books into the catalog, marked as a sample", async () => {
    const { items } = await client.catalog.listItems({ pageSize: 1_000 });
    expect(items.map(({ id }) => id)).toEqual((await books).map(({ id }) => id));
    expect(new Set(items.map(({ properties }) => properties["sample"]))).toEqual(new Set(["true"]));
    const { item } = await client.catalog.getItem({ id: "the-communist-manifesto" });
    expect(item).toMatchObject({
      title: "The Communist Manifesto",
      creators: ["Karl Marx", "Friedrich Engels"],
      categories: ["politics"],
      properties: { year: "1848", language: "de" },
    });
  });

  it("should create each profile once, marked as a sample", async () => {
    const { profiles } = await client.profiles.listProfiles({ pageSize: 1_000 });
    expect(profiles).toHaveLength(40);
    const unmarked = profiles.filter(
      ({ lastName, email }) =>
        !lastName.endsWith(" (sample)") || !email.endsWith("@sample.example"),
    );
    expect(unmarked).toEqual([]);
  });

  it("should log each view once, marked as a sample", async () => {
    const totals = [begun, told].map((all) => all.find(({ stage }) => stage === 3)?.total);
    expect(totals[1]).toBe(totals[0]);
    const { profiles } = await client.profiles.listProfiles({ pageSize: 1_000 });
    const members = new Set(profiles.map(({ id }) => id));
    const now = Date.now();
    let count = 0n;
    const wrong: unknown[] = [];
    for await (const { views } of client.analytics.exportViews({})) {
      count += BigInt(views.length);
      for (const view of views) {
        const isKnown =
          view.viewerId === "" ||
          view.viewerId.startsWith("sample-reader-") ||
          members.has(view.viewerId);
        const isMarked = view.properties["sample"] === "true";
        const isPast = Number(view.startTime?.seconds) * 1_000 <= now;
        if (!isKnown || !isMarked || !isPast) wrong.push(view);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(totals[0]);
    expect(Number(count)).toBeGreaterThan(25_000);
  });

  it("should have profiles that did something, and said something of it", async () => {
    const { profiles } = await client.profiles.listProfiles({ pageSize: 1_000 });
    const answers = await Promise.all(
      profiles.map(({ id }) => client.recommendations.listInteractions({ userId: id })),
    );
    expect(answers.filter(({ interactions }) => interactions.length === 0)).toEqual([]);
    const kinds = new Set(
      answers.flatMap(({ interactions }) => interactions.map(({ kind }) => kind)),
    );
    expect([...kinds]).toEqual(expect.arrayContaining([FeedbackKind.RATING, FeedbackKind.LIKE]));
  });

  it.each(["romance", "science-fiction", "poetry"])(
    "should have taught the model what readers of %s like",
    async (category) => {
      const ofIt = (await books).filter(({ categories }) => categories[0] === category);
      const userId = `somebody-new-${category}`;
      for (const { id } of ofIt.slice(0, 4)) {
        await client.analytics.logView({ videoName: id, viewerId: userId });
      }
      const { recommendations } = await client.recommendations.recommend({
        userId,
        maxResults: 10,
      });
      const byId = new Map((await books).map((book) => [book.id, book]));
      const right = recommendations.filter(({ id }) => byId.get(id)?.categories.includes(category));
      expect(right.length).toBeGreaterThanOrEqual(6);
      expect(recommendations[0]?.reason).toMatch(/^Because you viewed /);
    },
  );

  it("should have something that trends", async () => {
    const { items } = await client.recommendations.listTrendingItems({ maxResults: 3 });
    expect(items[0]?.id).toBe(TRENDING);
  });

  it("should be refused when it is there already", async () => {
    const before = await client.recommendations.getModel({});
    expect(await refusal(client)).toBe("FailedPrecondition: the sample data is there already");
    expect((await client.recommendations.getModel({})).model).toEqual(before.model);
  });
});

describe("LoadSample", () => {
  it("should be refused where the catalog has anything else, and change nothing", async () => {
    const { client } = await startServer();
    const refused = "FailedPrecondition: the catalog has items: sample data is for an empty one";
    const mine = { id: "mine", title: "Mine" };
    await client.catalog.upsertItems({ items: [mine] });
    expect(await refusal(client)).toBe(refused);
    expect((await client.catalog.listItems({})).items.map(({ id }) => id)).toEqual(["mine"]);
    expect((await client.profiles.listProfiles({})).profiles).toEqual([]);
    // Nor does it go on with a sample to which something was added.
    await client.catalog.deleteItem({ id: "mine" });
    await load(client, ({ stage, done }) => stage === LoadSampleStage.CATALOG && done > 0n);
    await client.catalog.upsertItems({ items: [mine] });
    await expect.poll(() => refusal(client)).toBe(refused);
  });

  it("should run once at a time, and end when the server stops", async () => {
    const { app, client } = await startServer();
    const first = client.sample.loadSample({})[Symbol.asyncIterator]();
    await first.next();
    expect(await refusal(client)).toBe(
      "FailedPrecondition: the sample data is being loaded by another call",
    );
    const closed = app.close();
    const rest = async (): Promise<never> => {
      for (;;) if ((await first.next()).done === true) throw new Error("it was loaded");
    };
    await expect(rest()).rejects.toMatchObject({ code: Code.Unavailable });
    expect(await closed).toEqual({ cut: 0 });
  });
});

function byValue(a: bigint, b: bigint): number {
  return Number(a - b);
}
