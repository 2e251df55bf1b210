import { create } from "@bufbuild/protobuf";
import { Code, type Client } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import {
  IngestViewsRequestSchema,
  type IngestViewsRequest,
} from "../../gen/analytics/v1/ingestion_pb.js";
import {
  createIngest,
  createMarqueeClient,
  explainError,
  type MarqueeClient,
  type MarqueeClientOptions,
  type RejectedView,
} from "../../src/client/index.ts";
import { crc32c } from "../../src/crc32c.ts";
import { someViews, startIngestRoom, storedViews } from "../analytics/ingest-room.ts";
import { startServer } from "../support/server.ts";
import { fails, startFlaky, type Reaction } from "./servers.ts";

const quick = { initialMs: 1, maxMs: 5 };

function connect(url: string, options: MarqueeClientOptions = {}): MarqueeClient {
  const client = createMarqueeClient({ url, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** The client as it is, but that each batch passes through `change` on its way. */
function through(
  client: Client<typeof AnalyticsService>,
  change: (batch: IngestViewsRequest) => Partial<IngestViewsRequest>,
  onAnswer: () => void = () => {},
): Pick<typeof client, "ingestViews"> {
  return {
    async *ingestViews(requests, options) {
      async function* changed() {
        for await (const request of requests) {
          const batch = create(IngestViewsRequestSchema, request);
          yield { ...batch, ...change(batch) };
        }
      }
      for await (const answer of client.ingestViews(changed(), options)) {
        onAnswer();
        yield answer;
      }
    },
  };
}

/** Whether a promise is still pending after some turns of the event loop. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = (): void => void (pending = false);
  void promise.finally(done).catch(() => {});
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  return pending;
}

const silent: Reaction = () => {};
/** Ends the answer well, as far as HTTP can tell, but without the status of gRPC. */
const endsEarly: Reaction = (stream) => {
  stream.respond({ ":status": 200, "content-type": "application/grpc" });
  stream.end();
};

describe("ingest", () => {
  it("should log each view once, make ids for those without, and tell how many", async () => {
    const { url, log } = await startIngestRoom();
    const ingest = connect(url).ingest({ batchViews: 100 });
    for (let i = 0; i < 5_000; i++) await ingest.log({ videoName: `video-${i % 7}` });
    await ingest.close();
    expect(ingest).toMatchObject({
      acknowledged: 5_000,
      duplicates: 0,
      rejected: 0,
      buffered: 0,
      position: BigInt(log.position),
    });
    const stored = await storedViews(log);
    expect(new Set(stored.map(({ viewId }) => viewId)).size).toBe(5_000);
  });

  it("should tell a position that sees all of it, and not hold up a server that stops", async () => {
    const { app, client } = await startServer({ MARQUEE_DRAIN_MS: "600000" });
    const stopping = new AbortController();
    const ingest = client.ingest({ signal: stopping.signal });
    for (const view of someViews(3_000)) await ingest.log(view);
    await ingest.flush();
    const minPosition = ingest.position;
    const stats = await client.analytics.getViewStats({ videoName: "video", minPosition });
    expect(stats.views).toBe(3_000n);
    // The stream is open and idle.
    expect(await app.close()).toEqual({ cut: 0 });
    stopping.abort();
  });

  it("should take a view as it is when it is logged", async () => {
    const { url, log } = await startIngestRoom();
    const ingest = connect(url).ingest();
    const view = { videoName: "before", viewId: "1" };
    void ingest.log(view);
    view.videoName = "after";
    await ingest.close();
    expect((await storedViews(log)).map(({ video }) => video)).toEqual(["before"]);
  });

  it("should send what waits for too long, though its batch is not full", async () => {
    const { url } = await startIngestRoom();
    const ingest = connect(url).ingest({ lingerMs: 1 });
    await ingest.log({ videoName: "v" });
    await expect.poll(() => ingest.acknowledged).toBe(1);
    await ingest.log({ videoName: "v" });
    await ingest.flush();
    expect(ingest.acknowledged).toBe(2);
    await ingest.close();
  });

  it("should bound its batches by views and bytes, and how many have no answer", async () => {
    const { client, log } = await startIngestRoom();
    const batches: number[] = [];
    let unanswered = 0;
    let most = 0;
    const tapped = through(
      client,
      ({ batch }) => {
        batches.push(batch.length);
        most = Math.max(most, ++unanswered);
        return {};
      },
      () => unanswered--,
    );
    const options = { batchViews: 50, batchBytes: 65_536, maxUnacknowledged: 3 };
    const ingest = createIngest(tapped, options);
    for (const view of someViews(1_000, "small")) await ingest.log(view);
    for (const view of someViews(400, "large")) {
      await ingest.log({ ...view, referrer: "x".repeat(2_000) });
    }
    await ingest.close();
    expect(await storedViews(log)).toHaveLength(1_400);
    expect(batches.length).toBeGreaterThanOrEqual(20 + 13);
    expect(Math.max(...batches)).toBeLessThanOrEqual(65_536);
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(1);
  });

  it("should let nobody in while its buffer is full", async () => {
    const server = await startFlaky(silent);
    const ingest = connect(server.url).ingest({ maxBuffered: 10, batchViews: 3 });
    for (const view of someViews(9)) await ingest.log(view);
    const tenth = ingest.log({ videoName: "v" });
    expect(await isPending(tenth)).toBe(true);
    expect(ingest.buffered).toBe(10);
    await expect(ingest.close({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    await expect(tenth).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("should tell of each view that is rejected, and keep the others", async () => {
    const { url, log } = await startIngestRoom();
    const rejected: RejectedView[] = [];
    const ingest = connect(url).ingest({ onRejected: (one) => rejected.push(one) });
    await ingest.log({ videoName: "a", viewId: "1" });
    await ingest.log({ videoName: "", viewId: "2" });
    await ingest.log({ videoName: "c", viewId: "3", country: "xyz" });
    await ingest.log({ videoName: "d", viewId: "1" });
    await ingest.log({ videoName: "a", viewId: "1" });
    await ingest.close();
    expect(ingest).toMatchObject({ acknowledged: 2, duplicates: 1, rejected: 3, buffered: 0 });
    expect(rejected.map(({ view, field, reason }) => [view.viewId, field, reason])).toEqual([
      ["2", "video_name", "Required: it must not be empty."],
      ["3", "country", "Must be an ISO 3166-1 alpha-2 code, such as NL."],
      ["1", "view_id", "Names a logged view of another video or viewer."],
    ]);
    expect(await storedViews(log)).toHaveLength(1);
  });

  it("should tell of all views of a batch that is rejected as a whole", async () => {
    const { client } = await startIngestRoom();
    const junk = Buffer.from("junk");
    const rejected: RejectedView[] = [];
    const ingest = createIngest(
      through(client, () => ({ batch: junk, crc32c: crc32c(junk) })),
      { onRejected: (one) => rejected.push(one) },
    );
    for (const view of someViews(3)) await ingest.log(view);
    await ingest.close();
    expect(ingest).toMatchObject({ acknowledged: 0, rejected: 3 });
    expect(rejected.map(({ view, field }) => [view.viewId, field])).toEqual([
      ["view-0", "batch"],
      ["view-1", "batch"],
      ["view-2", "batch"],
    ]);
  });

  it("should send again what arrives damaged", async () => {
    const { client, log } = await startIngestRoom();
    let sent = 0;
    const damaging = through(client, ({ crc32c: right }) =>
      ++sent % 3 === 0 ? { crc32c: (right ^ 1) >>> 0 } : {},
    );
    const ingest = createIngest(damaging, { batchViews: 10 });
    for (const view of someViews(1_000)) await ingest.log(view);
    await ingest.close();
    expect(ingest).toMatchObject({ acknowledged: 1_000, duplicates: 0 });
    expect(await storedViews(log)).toHaveLength(1_000);
    expect(sent).toBeGreaterThan(130);
  });

  it("should give up what always arrives damaged", async () => {
    const { client } = await startIngestRoom();
    const ingest = createIngest(through(client, () => ({ crc32c: 1 })));
    await ingest.log({ videoName: "v" });
    await expect(ingest.close()).rejects.toMatchObject({ code: Code.DataLoss });
  });

  it("should begin again when the server has other things to do, or ends early", async () => {
    const server = await startFlaky(fails(14), endsEarly, fails(8, 1), fails(12));
    const ingest = connect(server.url).ingest({ retry: quick });
    await ingest.log({ videoName: "v" });
    await expect(ingest.flush()).rejects.toMatchObject({ code: Code.Unimplemented });
    expect(server.attempts).toHaveLength(4);
  });

  it("should begin again when the server answers nothing any more", async () => {
    const server = await startFlaky(silent, silent, fails(7));
    const ingest = connect(server.url).ingest({ retry: quick, stallMs: 100 });
    await ingest.log({ videoName: "v" });
    await expect(ingest.flush()).rejects.toMatchObject({ code: Code.PermissionDenied });
    expect(server.attempts).toHaveLength(3);
  });

  it.each([
    ["INVALID_ARGUMENT", 3],
    ["UNIMPLEMENTED", 12],
    ["INTERNAL", 13],
    ["UNAUTHENTICATED", 16],
    ["RESOURCE_EXHAUSTED without a time to try again", 8],
  ])("should fail for good after %s, whatever is called then", async (_, status) => {
    const server = await startFlaky(fails(status));
    const ingest = connect(server.url).ingest({ batchViews: 2, retry: quick });
    // Nobody listens to these: that must not end the process.
    void ingest.log({ videoName: "v" });
    void ingest.log({ videoName: "v" });
    void ingest.flush();
    await expect(ingest.flush()).rejects.toMatchObject({ code: status });
    await expect(ingest.log({ videoName: "v" })).rejects.toMatchObject({ code: status });
    await expect(ingest.close()).rejects.toMatchObject({ code: status });
    expect(server.attempts).toHaveLength(1);
  });

  it("should give up after so many attempts, with the last error", async () => {
    const server = await startFlaky(fails(14));
    const ingest = connect(server.url).ingest({ retry: { ...quick, attempts: 3 } });
    await ingest.log({ videoName: "v" });
    await expect(ingest.close()).rejects.toMatchObject({ code: Code.Unavailable });
    expect(server.attempts).toHaveLength(3);
  });

  it("should end with its signal, whatever it waits for", async () => {
    const server = await startFlaky(fails(14, 900));
    const canceling = new AbortController();
    const ingest = connect(server.url).ingest({ signal: canceling.signal });
    await ingest.log({ videoName: "v" });
    const flushed = ingest.flush();
    await expect.poll(() => server.attempts.length).toBe(1);
    const reason = new Error("enough");
    canceling.abort(reason);
    await expect(flushed).rejects.toBe(reason);
    await expect(ingest.log({ videoName: "v" })).rejects.toBe(reason);
    expect(server.attempts).toHaveLength(1);
  });

  it("should end a wait with its signal, and go on", async () => {
    const server = await startFlaky(silent);
    const ingest = connect(server.url).ingest();
    await ingest.log({ videoName: "v" });
    await expect(ingest.flush({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(await isPending(ingest.log({ videoName: "v" }))).toBe(false);
    expect(ingest.buffered).toBe(2);
  });

  it("should not connect again once its client is closed", async () => {
    const server = await startFlaky(silent);
    const client = connect(server.url);
    const ingest = client.ingest({ retry: quick });
    await ingest.log({ videoName: "v" });
    const flushed = ingest.flush();
    await expect.poll(() => server.attempts.length).toBe(1);
    client.close();
    await expect(flushed).rejects.toMatchObject({ code: Code.Canceled });
    expect(server.attempts).toHaveLength(1);
  });

  it("should take nothing once it is closed, and be closed twice", async () => {
    const { url } = await startIngestRoom();
    const ingest = connect(url).ingest();
    await ingest.log({ videoName: "v" });
    await ingest.close();
    await ingest.close();
    await ingest[Symbol.asyncDispose]();
    await expect(ingest.log({ videoName: "v" })).rejects.toThrow("the ingest is closed");
    expect(ingest.acknowledged).toBe(1);
  });

  it("should refuse a view that no server takes, and go on with others", async () => {
    const { url } = await startIngestRoom();
    const ingest = connect(url).ingest();
    const long = { videoName: "v", referrer: "x".repeat(70_000) };
    await expect(ingest.log(long)).rejects.toBeInstanceOf(RangeError);
    await ingest.log({ videoName: "v" });
    await ingest.close();
    expect(ingest.acknowledged).toBe(1);
  });

  it("should say that it needs HTTP/2", async () => {
    const options = { protocol: "connect", httpVersion: "1.1" } as const;
    const client = connect("http://localhost:1", options);
    expect(() => client.ingest()).toThrow(/needs HTTP\/2/);
  });

  it.each([
    [{ batchViews: 0 }],
    [{ batchViews: 10_001 }],
    [{ batchBytes: 1_000 }],
    [{ maxUnacknowledged: 0 }],
    [{ lingerMs: Number.NaN }],
  ])("should refuse options out of their bounds: %j", (options) => {
    expect(() => connect("http://localhost:1").ingest(options)).toThrow(RangeError);
  });

  it("should end with what its callback throws", async () => {
    const { url } = await startIngestRoom();
    const failure = new Error("no more");
    const ingest = connect(url).ingest({
      onRejected: () => {
        throw failure;
      },
    });
    await ingest.log({ videoName: "" });
    const error = await ingest.close().catch((reason: unknown) => reason);
    expect(error).toBe(failure);
    expect(explainError(error).text).toBe("no more");
  });
});
