import { once } from "node:events";
import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { IngestViewsRequestSchema } from "../../gen/analytics/v1/ingestion_pb.js";
import { BatchStream, type Batch, type BatchWork } from "../../src/analytics/batch-stream.ts";
import { batchOf, someViews, startIngestRoom } from "./ingest-room.ts";

const never = new AbortController().signal;

/** Batches without end, which count how many were taken. */
function endless(bytes = 1): AsyncIterable<Batch> & { taken: number } {
  const batches = {
    taken: 0,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        batches.taken++;
        yield { sequence: BigInt(batches.taken), batch: new Uint8Array(bytes), crc32c: 0 };
      }
    },
  };
  return batches;
}

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("a stream of batches", () => {
  it.each([
    ["16 batches", 1, 1, 16],
    ["20,000 views", 7_000, 1, 3],
    ["8 MiB", 1, 3_000_000, 3],
  ])("should read no more than %s ahead of the disk", async (_, views, bytes, expected) => {
    const stuck = (): BatchWork<number> => ({ views, answer: new Promise(() => {}) });
    const batches = endless(bytes);
    const answers = new BatchStream(stuck, never).answers(batches);
    void answers.next();
    await someTurns();
    expect(batches.taken).toBe(expected);
  });

  it("should read nothing while nobody takes its answers, and go on when somebody does", async () => {
    const work = (): BatchWork<number> => ({ views: 1, answer: Promise.resolve(1) });
    const batches = endless();
    const answers = new BatchStream(work, never).answers(batches);
    await answers.next();
    await someTurns();
    const { taken } = batches;
    expect(taken).toBeLessThanOrEqual(17);
    await someTurns();
    expect(batches.taken).toBe(taken);
    for (let sequence = 2n; sequence < 100n; sequence++) {
      expect(await answers.next()).toMatchObject({ value: { sequence, outcome: 1 } });
    }
    await answers.return();
  });

  it("should answer in the order of the batches, in whatever order they are done", async () => {
    const done: ((value: number) => void)[] = [];
    const work = (): BatchWork<number> => ({
      views: 1,
      answer: new Promise((resolve) => done.push(resolve)),
    });
    const answers = new BatchStream(work, never).answers(endless());
    const first = answers.next();
    await someTurns();
    for (const [i, resolve] of [...done.entries()].toReversed()) resolve(i);
    const found = [(await first).value];
    while (found.length < 16) found.push((await answers.next()).value);
    expect(found).toEqual(found.map((_, i) => ({ sequence: BigInt(i + 1), outcome: i })));
    await answers.return();
  });

  it("should not take the answer to a later batch for that to one that failed", async () => {
    const failure = new Error("the disk is full");
    const work = (bytes: Uint8Array, checksum: number): BatchWork<number> => ({
      views: bytes.length,
      answer: checksum === 2 ? Promise.reject(failure) : Promise.resolve(checksum),
    });
    async function* batches() {
      for (let i = 1; i < 5; i++) {
        yield { sequence: BigInt(i), batch: new Uint8Array(1), crc32c: i };
      }
    }
    const answers = new BatchStream(work, never).answers(batches());
    expect(await answers.next()).toMatchObject({ value: { sequence: 1n } });
    await expect(answers.next()).rejects.toBe(failure);
    expect(await answers.next()).toMatchObject({ done: true });
  });

  it("should hold back a client that takes no answers, whatever it sends", async () => {
    const { url, log } = await startIngestRoom();
    const session = connect(url);
    onTestFinished(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": "/analytics.v1.AnalyticsService/IngestViews",
      "content-type": "application/grpc",
      te: "trailers",
    });
    // Never read: answers stay where they are. Each of these is long, and has one view that is kept.
    const count = 2_000;
    const bad = Array.from({ length: 500 }, () => ({ videoName: "" }));
    for (let sequence = 1; sequence <= count; sequence++) {
      const request = create(
        IngestViewsRequestSchema,
        batchOf(sequence, [...someViews(1, `${sequence}`), ...bad]),
      );
      const message = toBinary(IngestViewsRequestSchema, request);
      const head = Buffer.alloc(5);
      head.writeUInt32BE(message.length, 1);
      stream.write(Buffer.concat([head, message]));
    }
    await once(stream, "response");
    let last = -1;
    while (last !== log.position) {
      last = log.position;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    // A window of 64 KiB and what the server gathers hold some 10 such answers.
    expect(last).toBeGreaterThan(0);
    expect(last).toBeLessThan(100);
    stream.close();
  });
});
