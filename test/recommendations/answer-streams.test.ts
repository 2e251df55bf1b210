import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  BatchRecommendRequestSchema,
  type BatchRecommendResponse,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/index.ts";
import { answersTo } from "../../src/recommendations/answers.ts";
import { caller } from "../support/callers.ts";
import { startServer } from "../support/server.ts";
import { Room, twoGenres } from "./room.ts";

type Requests = Parameters<MarqueeClient["recommendations"]["batchRecommend"]>[0];

async function* streamOf<T>(all: Iterable<T>): AsyncGenerator<T> {
  yield* all;
}

async function collect(answers: AsyncIterable<BatchRecommendResponse>) {
  const all: BatchRecommendResponse[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
}

async function fill(client: MarqueeClient): Promise<void> {
  await client.catalog.upsertItems({
    items: Array.from({ length: 20 }, (_, k) => ({
      id: `book ${k}`,
      title: `Book ${k}`,
      categories: [k % 2 === 0 ? "even" : "odd"],
    })),
  });
  for (let k = 0; k < 3; k++) {
    await client.analytics.logView({ videoName: `book ${k}`, viewerId: "ann" });
  }
}

describe.each(["grpc", "grpc-web", "connect"] as const)("BatchRecommend over %s", (protocol) => {
  it("should answer in order as Recommend does, and say what is wrong with a request", async () => {
    const { url } = await startServer();
    const client = createMarqueeClient({ url, protocol });
    onTestFinished(() => client.close());
    await fill(client);
    const ann = { userId: "ann", category: "even" };
    const requests: Requests = streamOf([
      { request: ann },
      { request: { maxResults: 1_001, boosts: [{ factor: 2 }] } },
      {},
      { request: { category: "unknown" } },
      { request: { excludeIds: Array.from({ length: 1_000 }, () => "x".repeat(257)) } },
      { request: ann },
    ]);
    const answers = await collect(client.recommendations.batchRecommend(requests));
    expect(answers.map(({ index }) => index)).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
    const single = await client.recommendations.recommend(ann);
    for (const place of [0, 5]) {
      // Each answer has an id of its own.
      const { recommendationId } = single;
      expect(answers[place]?.outcome.value).not.toMatchObject({ recommendationId });
      expect({ ...answers[place]?.outcome.value, recommendationId }).toEqual(single);
    }
    const failures = answers.slice(1, 5).map(({ outcome }) => {
      if (outcome.case !== "failure") throw new Error("an answer to a wrong request");
      const { code, violations } = outcome.value;
      return [code, violations.slice(0, 2).map(({ field }) => field), violations.length];
    });
    expect(failures).toEqual([
      ["invalid_argument", ["max_results", "boosts[0]"], 2],
      ["invalid_argument", ["request"], 1],
      ["not_found", ["category"], 1],
      ["invalid_argument", ["exclude_ids[0]", "exclude_ids[1]"], 20],
    ]);
  });
});

it("should read a request only when the answer to the one before was taken", async () => {
  const room = await Room.open();
  await twoGenres(room);
  let read = 0;
  let isClosed = false;
  async function* requests() {
    try {
      for (;;) {
        read++;
        yield create(BatchRecommendRequestSchema, { request: {} });
      }
    } finally {
      isClosed = true;
    }
  }
  const answers = answersTo(room, caller(), requests());
  for (let taken = 1; taken <= 5; taken++) {
    const answer = await answers.next();
    expect(answer.value).toMatchObject({ index: BigInt(taken - 1) });
    expect(read).toBe(taken);
  }
  await answers.return();
  expect(isClosed).toBe(true);
});

it("should let other calls be answered while streams are", async () => {
  const { client } = await startServer();
  await fill(client);
  const total = 400;
  let answered = 0;
  const streams = Array.from({ length: 3 }, async () => {
    const requests: Requests = streamOf(
      Array.from({ length: total }, () => ({ request: { maxResults: 1_000, diversity: 1 } })),
    );
    for await (const _ of client.recommendations.batchRecommend(requests)) answered++;
  });
  const seen: number[] = [];
  while (seen.length < 5) {
    await client.recommendations.listTrendingItems({});
    seen.push(answered);
  }
  // All five were answered before the streams were done.
  expect(Math.max(...seen)).toBeLessThan(3 * total);
  await Promise.all(streams);
  expect(answered).toBe(3 * total);
});

it("should end with unavailable when the server stops, after what it has answered", async () => {
  const { app, client } = await startServer();
  await fill(client);
  async function* requests() {
    yield { request: { userId: "ann" } };
    // The client has more to ask, some time.
    await new Promise(() => {});
  }
  const answers = client.recommendations.batchRecommend(requests());
  const iterator = answers[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toMatchObject({ index: 0n });
  const next = iterator.next().catch((error: unknown) => ConnectError.from(error).code);
  await app.close();
  expect(await next).toBe(Code.Unavailable);
});

it("should draw anew for each request of a stream, unless they have a seed", async () => {
  const room = await Room.open();
  await room.view("", ...Array.from({ length: 300 }, (_, k) => `film ${k}`));
  const ask = async (seed: string) => {
    const request = { exploration: 1, seed };
    const requests = streamOf([1, 2].map(() => create(BatchRecommendRequestSchema, { request })));
    const texts: string[] = [];
    for await (const { outcome } of answersTo(room, caller(), requests)) {
      if (outcome?.case !== "response") throw new Error("a right request is refused");
      texts.push(JSON.stringify(outcome.value.recommendations));
    }
    return new Set(texts).size;
  };
  expect(await ask("")).toBe(2);
  expect(await ask("seed")).toBe(1);
});
