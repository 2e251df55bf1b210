import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdminService, type TailLogResponse } from "../../gen/admin/v1/admin_service_pb.js";
import { LogEntryKind, type LogEntry } from "../../gen/admin/v1/log_entry_pb.js";
import type { MarqueeClient } from "../../src/client/client.ts";
import type { Protocol } from "../../src/client/transport.ts";
import type { Log } from "../../src/log/log.ts";
import { caller } from "../support/callers.ts";
import { startLiveServer } from "../support/live-server.ts";
import { SlowReader } from "../support/slow-reader.ts";
import { rating, SOME_TIME, view } from "../support/views.ts";

/** All entries up to the head of the log, by a stream of their own. */
async function allEntries(client: MarqueeClient, after = 0): Promise<LogEntry[]> {
  const found: LogEntry[] = [];
  for await (const { entries, headPosition } of client.admin.tailLog({
    afterPosition: BigInt(after),
  })) {
    found.push(...entries);
    const last = entries.at(-1)?.position;
    if (last === undefined || last >= headPosition) break;
  }
  return found;
}

const positions = (entries: readonly LogEntry[]): number[] =>
  entries.map(({ position }) => Number(position));

async function logViews(log: Log, count: number): Promise<void> {
  await log.appendViews(
    caller(),
    Array.from({ length: count }, (_, n) =>
      view({ video: `video-${n % 7}`, viewer: `v${n % 50}` }),
    ),
  );
}

describe("TailLog", () => {
  it("should tell all that entries say", async () => {
    const { log, client } = await startLiveServer();
    const one = view({
      viewId: "view",
      video: "sintel",
      viewer: "ann",
      watchMs: 1_500,
      progress: 250,
      country: "NL",
      device: "tv",
      referrer: "https://example.org/",
      properties: '{"plan":"free"}',
    });
    await log.appendView(caller(), one);
    await log.appendView(caller(), { ...one, watchMs: 2_000, progress: 500 });
    await log.appendView(caller(), view({ viewId: "bot", video: "sintel", bot: true }));
    await log.appendFeedback(caller(), [rating({ viewer: "ann", video: "emma", value: 4 })]);
    const [first, extended, bot, feedback] = await allEntries(client);
    const place = { country: "NL", device: "tv", referrer: one.referrer };
    const common = {
      videoName: "sintel",
      viewerId: "ann",
      viewerNumber: 1n,
      time: { seconds: BigInt(SOME_TIME / 1_000), nanos: 0 },
      ...place,
      properties: { plan: "free" },
      bot: false,
    };
    expect(first).toMatchObject({
      ...common,
      kind: LogEntryKind.VIEW,
      viewId: "view",
      watchDuration: { seconds: 1n, nanos: 500_000_000 },
      progress: 0.25,
    });
    expect(first?.previousProgress).toBeUndefined();
    expect(extended).toMatchObject({
      ...common,
      kind: LogEntryKind.EXTEND,
      watchDuration: { seconds: 0n, nanos: 500_000_000 },
      progress: 0.5,
      previousProgress: 0.25,
    });
    expect(bot).toMatchObject({ kind: LogEntryKind.VIEW, bot: true, viewerId: "", viewId: "bot" });
    expect(bot?.progress).toBeUndefined();
    expect(feedback).toMatchObject({
      kind: LogEntryKind.FEEDBACK,
      videoName: "emma",
      viewerId: "ann",
      feedbackKind: 4,
      feedbackValue: 4,
    });
  });

  it.each<Protocol>(["grpc", "grpc-web", "connect"])(
    "should go on with what comes, over %s",
    async (protocol) => {
      const { log, connect } = await startLiveServer();
      await logViews(log, 3);
      const found: number[] = [];
      for await (const { entries, headPosition } of connect({ protocol }).admin.tailLog({
        afterPosition: 1n,
      })) {
        found.push(...positions(entries));
        expect(Number(headPosition)).toBe(log.position);
        if (log.position < 6) void logViews(log, 1);
        else break;
      }
      expect(found).toEqual([2, 3, 4, 5, 6]);
    },
  );

  it("should tell each entry once and in order, from any position, while others are written", async () => {
    const { log, client } = await startLiveServer();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2_500 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 10 }),
        async (before, batches) => {
          await logViews(log, before);
          const start = log.position - before;
          const end = log.position + batches.reduce((sum, size) => sum + size, 0);
          const found: number[] = [];
          const writing = (async () => {
            for (const size of batches) await logViews(log, size);
          })();
          for await (const { entries } of client.admin.tailLog({ afterPosition: BigInt(start) })) {
            expect(entries.length).toBeLessThanOrEqual(1_000);
            found.push(...positions(entries));
            if ((found.at(-1) ?? 0) >= end) break;
          }
          await writing;
          expect(found).toEqual(Array.from({ length: end - start }, (_, n) => start + n + 1));
        },
      ),
      { numRuns: 15 },
    );
  });

  it("should keep messages small enough for any client", async () => {
    const { log, client } = await startLiveServer();
    const large = (n: number) => view({ video: `${n}`, referrer: "é".repeat(2_048) });
    await log.appendViews(
      caller(),
      Array.from({ length: 1_000 }, (_, n) => large(n)),
    );
    const messages: TailLogResponse[] = [];
    for await (const message of client.admin.tailLog({})) {
      messages.push(message);
      if (message.entries.at(-1)?.position === message.headPosition) break;
    }
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.flatMap(({ entries }) => entries)).toHaveLength(1_000);
  });

  it("should leave out who was erased, and say that", async () => {
    const { log, client } = await startLiveServer();
    await log.appendViews(caller(), [
      view({ video: "sintel", viewer: "ann" }),
      view({ video: "sintel", viewer: "ben" }),
    ]);
    await log.appendFeedback(caller(), [rating({ viewer: "ann" })]);
    await log.eraseViewer(caller(), "ann");
    await log.trimViews(caller(), SOME_TIME + 1);
    const entries = await allEntries(client);
    expect(entries.map(({ kind }) => kind)).toEqual([LogEntryKind.ERASE, LogEntryKind.TRIM]);
    const nobody = { viewerId: "", videoName: "", viewId: "" };
    expect(entries).toMatchObject([
      { ...nobody, viewerNumber: 1n },
      {
        ...nobody,
        viewerNumber: 0n,
        time: { seconds: BigInt(SOME_TIME / 1_000), nanos: 1_000_000 },
      },
    ]);
  });

  it("should read no more than its client does", async () => {
    const { log, url } = await startLiveServer();
    const { input, output } = AdminService.method.tailLog;
    const path = "/admin.v1.AdminService/TailLog";
    const large = () => view({ referrer: "x".repeat(2_048), viewer: "ann" });
    const logMany = () => log.appendViews(caller(), Array.from({ length: 2_000 }, large));
    await logMany();
    const slow = await SlowReader.open(url, { path, input, output }, create(input));
    for (let n = 0; n < 5; n++) await logMany();
    await log.eraseViewer(caller(), "ann");
    const kinds: LogEntryKind[] = [];
    for (let last = 0n, head = 1n; last < head;) {
      const message = await slow.next();
      kinds.push(...(message?.entries.map(({ kind }) => kind) ?? []));
      last = message?.entries.at(-1)?.position ?? last;
      head = message?.headPosition ?? head;
    }
    // What was not read by then has been erased.
    expect(kinds.at(-1)).toBe(LogEntryKind.ERASE);
    expect(kinds.length).toBeLessThan(4_000);
  });

  it("should say at once that there is nothing more, and then every now and then", async () => {
    const { log, client } = await startLiveServer({ heartbeatMs: 20 });
    await logViews(log, 2);
    let heartbeats = 0;
    for await (const { entries, headPosition } of client.admin.tailLog({ afterPosition: 2n })) {
      expect({ entries, headPosition }).toEqual({ entries: [], headPosition: 2n });
      if (++heartbeats === 3) break;
    }
  });

  it("should refuse a position that is not there, and name the end of the log", async () => {
    const { log, client } = await startLiveServer();
    await logViews(log, 3);
    await expect(allEntries(client, 4)).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "after_position: Must not be beyond the end of the log, which is at 3.",
    });
    await expect(allEntries(client, -1)).rejects.toMatchObject({ code: Code.InvalidArgument });
  });

  it("should end as unavailable when the server stops", async () => {
    const { log, client, server } = await startLiveServer();
    await logViews(log, 1);
    const reading = (async () => {
      for await (const { entries } of client.admin.tailLog({})) {
        if (entries.length > 0) void server.drain(10_000);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: Code.Unavailable });
    expect(await server.drain(10_000)).toEqual({ cut: 0 });
  });
});
