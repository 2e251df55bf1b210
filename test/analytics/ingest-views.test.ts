import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { IngestStatus } from "../../gen/analytics/v1/ingestion_pb.js";
import { explainError } from "../../src/client/index.ts";
import { transportFor } from "../wire/support/server.ts";
import { batchOf, converse, someViews, startIngestRoom, storedViews } from "./ingest-room.ts";

const { OK, RESEND, REJECTED } = IngestStatus;

describe("IngestViews", () => {
  it.each(["grpc", "connect over HTTP/2", "grpc-web over HTTP/2", "JSON over HTTP/2"] as const)(
    "should answer each batch in its order over %s, once it is on disk",
    async (protocol) => {
      const { url, log } = await startIngestRoom();
      const stream = converse(transportFor(protocol, url));
      const first = await stream.ask(batchOf(3, someViews(10)));
      expect(first).toMatchObject({ sequence: 3n, status: OK, logged: 10n, duplicates: 0n });
      expect(Number(first.position)).toBe(log.position);
      for (let sequence = 4; sequence < 40; sequence++) {
        stream.send(batchOf(sequence, someViews(15)));
      }
      for (let sequence = 4; sequence < 40; sequence++) {
        const { value } = await stream.next();
        expect(value).toMatchObject({ sequence: BigInt(sequence), status: OK });
        expect(value?.logged).toBe(sequence === 4 ? 5n : 0n);
        expect(value?.duplicates).toBe(sequence === 4 ? 10n : 15n);
      }
      stream.end();
      expect(await stream.next()).toMatchObject({ done: true });
      expect(await storedViews(log)).toHaveLength(15);
    },
  );

  it("should keep all that a view says, and extend it by what a later batch knows better", async () => {
    const { client, log } = await startIngestRoom();
    const stream = converse(client);
    const view = {
      videoName: "sintel",
      viewId: "v-1",
      viewerId: "ann",
      startTime: { seconds: 1_767_323_045n, nanos: 6_999_999 },
      watchDuration: { seconds: 9n, nanos: 1_500_000 },
      country: "nl",
      device: "tv",
      referrer: "https://example.org/",
      progress: 0.2509,
      properties: { plan: "free", ab: "\0" },
    };
    const beats = [
      view,
      { ...view, watchDuration: { seconds: 20n }, progress: 0.1 },
      { ...view, watchDuration: { seconds: 15n }, progress: 0.9 },
    ];
    for (const [i, beat] of beats.entries()) {
      expect(await stream.ask(batchOf(i + 1, [beat]))).toMatchObject({
        logged: i === 0 ? 1n : 0n,
        duplicates: i === 0 ? 0n : 1n,
      });
    }
    const views = await storedViews(log);
    expect(views).toMatchObject([
      {
        viewId: "v-1",
        video: "sintel",
        viewer: "ann",
        time: 1_767_323_045_006,
        watchMs: 20_000,
        progress: 900,
        country: "NL",
        device: "tv",
        referrer: "https://example.org/",
        properties: '{"ab":"\\u0000","plan":"free"}',
        bot: false,
      },
    ]);
  });

  it("should name the views that cannot be logged, and keep the others", async () => {
    const { client, log } = await startIngestRoom();
    const stream = converse(client);
    await stream.ask(batchOf(1, [{ videoName: "taken", viewId: "id" }]));
    const answer = await stream.ask(
      batchOf(2, [
        { videoName: "a", viewId: "a" },
        { videoName: "b", viewId: "b", progress: 1.5 },
        { videoName: "c", viewId: "id" },
        { videoName: "d" },
        { videoName: "e", viewId: "e" },
      ]),
    );
    expect(answer).toMatchObject({ sequence: 2n, status: REJECTED, logged: 2n, duplicates: 0n });
    expect(answer.rejected.map(({ index, field, reason }) => [index, field, reason])).toEqual([
      [1, "progress", "From 0 to 1, not 1.5."],
      [2, "view_id", "Names a logged view of another video or viewer."],
      [3, "view_id", "Required: it must not be empty."],
    ]);
    expect(await storedViews(log)).toHaveLength(3);
  });

  it("should have a damaged batch sent again, log nothing of it, and take it then", async () => {
    const { client, log } = await startIngestRoom();
    const stream = converse(client);
    const right = batchOf(1, someViews(3));
    const wrong = { ...right, crc32c: (right.crc32c ?? 0) ^ 1 };
    expect(await stream.ask(wrong)).toMatchObject({ sequence: 1n, status: RESEND, logged: 0n });
    expect(await storedViews(log)).toHaveLength(0);
    expect(await stream.ask(batchOf(2, someViews(2, "other")))).toMatchObject({ status: OK });
    expect(await stream.ask(wrong)).toMatchObject({ sequence: 1n, status: RESEND });
    expect(await stream.ask(right)).toMatchObject({ sequence: 1n, status: OK, logged: 3n });
    // It is not damaged any more: its sequence is one of the past.
    stream.send(right);
    await expect(stream.next()).rejects.toMatchObject({ code: Code.InvalidArgument });
  });

  it.each([
    ["stands still", 2],
    ["falls", 1],
    ["is none", 0],
  ])("should refuse a sequence that %s, after the answers to what came before", async (_, bad) => {
    const { client, log } = await startIngestRoom();
    const stream = converse(client);
    stream.send(batchOf(2, someViews(1)));
    stream.send(batchOf(bad, someViews(1, "other")));
    expect(await stream.next()).toMatchObject({ value: { sequence: 2n, status: OK } });
    const error = await stream.next().catch((reason: unknown) => reason);
    expect(explainError(error)).toMatchObject({ code: Code.InvalidArgument });
    expect(explainError(error).violations.map(({ field }) => field)).toEqual(["sequence"]);
    expect(await storedViews(log)).toHaveLength(1);
  });

  it.each([
    ["is no ViewBatch", Buffer.from([0x0a, 0x05, 0x01])],
    ["is text", Buffer.from("video,viewer\n")],
    ["is empty", Buffer.alloc(0)],
  ])("should reject a batch that %s as a whole, and go on", async (_, batch) => {
    const { client } = await startIngestRoom();
    const { crc32c } = await import("../../src/crc32c.ts");
    const stream = converse(client);
    const answer = await stream.ask({ sequence: 1n, batch, crc32c: crc32c(batch) });
    expect(answer).toMatchObject({ status: REJECTED, logged: 0n });
    expect(answer.rejected).toMatchObject([{ index: -1, field: "batch" }]);
    expect(await stream.ask(batchOf(2, someViews(1)))).toMatchObject({ status: OK });
  });

  it("should acknowledge nothing that the log does not take, and fail with what it says", async () => {
    const { client, log } = await startIngestRoom();
    const stream = converse(client);
    expect(await stream.ask(batchOf(1, someViews(5)))).toMatchObject({ status: OK, logged: 5n });
    await log.close();
    const failed = stream.ask(batchOf(2, someViews(5, "other")));
    await expect(failed).rejects.toMatchObject({ code: Code.Unavailable });
  });

  it("should end streams when the server stops, after the answers to what they sent", async () => {
    const { client, wire, log } = await startIngestRoom();
    const streams = Array.from({ length: 20 }, () => converse(client));
    for (const [i, stream] of streams.entries()) {
      expect(await stream.ask(batchOf(1, someViews(1, `a-${i}`)))).toMatchObject({ status: OK });
    }
    // Longer than a test may take: a drain that waits for clients fails the test.
    const drained = wire.drain(600_000);
    for (const stream of streams) {
      await expect(stream.next()).rejects.toMatchObject({ code: Code.Unavailable });
    }
    expect(await drained).toEqual({ cut: 0 });
    expect(await storedViews(log)).toHaveLength(20);
  });

  it("should tell those who come while it stops when to come again", async () => {
    const { client, ingestion } = await startIngestRoom();
    ingestion.end();
    const error = await converse(client)
      .ask(batchOf(1, someViews(1)))
      .catch((reason: unknown) => reason);
    expect(explainError(error)).toMatchObject({ code: Code.Unavailable, retryAfterMs: 1_000 });
  });

  it("should count bots apart by the User-Agent of a view, never by that of the call", async () => {
    const { client, log } = await startIngestRoom({ countBotsApart: true });
    const [one = {}, two = {}] = someViews(2);
    await converse(client).ask(
      batchOf(1, [{ ...one, userAgent: "Googlebot/2.1 (+http://www.google.com/bot.html)" }, two]),
    );
    const views = await storedViews(log);
    expect(views.map(({ bot }) => bot)).toEqual([true, false]);
  });
});

describe("LogView", () => {
  const crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
  it.each([
    ["its own User-Agent", { userAgent: crawler }, "", true],
    ["the User-Agent of a browser that calls", {}, crawler, true],
    [
      "its own rather than the browser's",
      { userAgent: "Mozilla/5.0 Firefox/140.0" },
      crawler,
      false,
    ],
    ["no User-Agent of a program that calls", {}, "Googlebot/2.1", false],
  ])("should tell bots by %s", async (_, view, header, isBot) => {
    const { url, log } = await startIngestRoom({ countBotsApart: true });
    const response = await fetch(`${url}/analytics.v1.AnalyticsService/LogView`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": header },
      body: JSON.stringify({ videoName: "v", ...view }),
    });
    expect(response.status).toBe(200);
    const views = await storedViews(log);
    expect(views.map(({ bot }) => bot)).toEqual([isBot]);
  });

  it("should refuse a progress and properties beyond their bounds, and name all", async () => {
    const { client, log } = await startIngestRoom();
    const error = await client
      .logView({
        videoName: "v",
        progress: Number.NaN,
        properties: { ["n".repeat(65)]: "x", plan: "" },
        userAgent: "x".repeat(2_049),
      })
      .catch((reason: unknown) => reason);
    const { violations } = explainError(error);
    expect(violations.map(({ field }) => field)).toEqual([
      "progress",
      `properties["${"n".repeat(65)}"]`,
      'properties["plan"]',
      "user_agent",
    ]);
    expect(await storedViews(log)).toHaveLength(0);
  });
});
