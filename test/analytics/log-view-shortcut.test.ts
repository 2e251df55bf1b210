import { join } from "node:path";
import {
  create,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type JsonValue,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import {
  LogViewRequestSchema,
  LogViewResponseSchema,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { openLogReader } from "../../src/log/reader.ts";
import { startServer } from "../support/server.ts";
import { SOME_TIME } from "../support/views.ts";

type ViewInit = MessageInitShape<typeof LogViewRequestSchema>;

const startTime = timestampFromMs(SOME_TIME);
const full: ViewInit = {
  videoName: "sintel",
  viewerId: "ada",
  startTime,
  watchDuration: durationFromMs(93_000),
  country: "nl",
  device: "phone",
  referrer: "https://example.org/",
  progress: 0.57,
  properties: { plan: "pro", "7": "seven" },
  userAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
};

const right: Readonly<Record<string, ViewInit>> = {
  "that says everything": full,
  "that says next to nothing": { videoName: "sintel", startTime },
  "with the longest watch": { ...full, watchDuration: { seconds: 604_800n } },
  "with parts of milliseconds": { ...full, startTime: { ...startTime, nanos: 999_999 } },
  "with texts of other scripts": { ...full, videoName: "🎬".repeat(256), viewerId: "ünï" },
};

const wrong: Readonly<Record<string, ViewInit>> = {
  "without a video": { ...full, videoName: "" },
  "with too long a name": { ...full, videoName: "x".repeat(257) },
  "from the future": { ...full, startTime: { seconds: 4_000_000_000n } },
  "that was watched for too long": { ...full, watchDuration: { seconds: 604_800n, nanos: 1 } },
  "from no country": { ...full, country: "n1" },
  "with more progress than there is": { ...full, progress: 1.001 },
  "with a property that says nothing": { ...full, properties: { plan: "" } },
  "with all of that": { videoName: "", country: "n1", device: "x".repeat(65), progress: -1 },
};

/** What a call answers in an encoding: its status, and what its body says. */
async function call(
  url: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<[number, JsonValue]> {
  const response = await fetch(`${url}/analytics.v1.AnalyticsService/LogView`, {
    method: "POST",
    headers: { "content-type": type, "user-agent": "Mozilla/5.0" },
    body,
  });
  if (!response.ok || type === "application/json") {
    return [response.status, (await response.json()) as JsonValue];
  }
  const message = fromBinary(LogViewResponseSchema, new Uint8Array(await response.arrayBuffer()));
  return [response.status, toJson(LogViewResponseSchema, message, { alwaysEmitImplicit: true })];
}

function callBoth(url: string, view: ViewInit): Promise<[number, JsonValue][]> {
  const request = create(LogViewRequestSchema, view);
  const bytes = new Uint8Array(toBinary(LogViewRequestSchema, request));
  const json = JSON.stringify(toJson(LogViewRequestSchema, request));
  return Promise.all([call(url, "application/proto", bytes), call(url, "application/json", json)]);
}

it("should log the same of a view as of one in JSON", async () => {
  const { url, dataDir } = await startServer({ MARQUEE_BOTS: "apart" });
  for (const [name, view] of Object.entries(right)) {
    for (const [status, answer] of await callBoth(url, view)) {
      expect(status, name).toBe(200);
      const { success, viewId } = fromJson(LogViewResponseSchema, answer);
      expect(success, name).toBe(true);
      expect(viewId, name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    }
  }
  const reader = openLogReader({ file: join(dataDir, "log.db") });
  const entries = await reader.read(0, 100);
  await reader.close();
  const names = Object.keys(right);
  expect(entries).toHaveLength(2 * names.length);
  for (const [index, name] of names.entries()) {
    const [first, second] = entries.slice(2 * index, 2 * index + 2);
    const { viewId, position, ...rest } = { ...first };
    expect(second, name).toMatchObject(rest);
    expect(second, name).not.toMatchObject({ viewId, position });
  }
});

it("should refuse a view in the words that it has for one in JSON", async () => {
  const { url } = await startServer();
  for (const [name, view] of Object.entries(wrong)) {
    const [binary, json] = await callBoth(url, view);
    expect(binary, name).toEqual(json);
    expect(binary?.[0], name).toBe(400);
  }
});

it("should know a view again that comes in the other encoding", async () => {
  const { url } = await startServer();
  const viewId = "a view";
  const first = await call(
    url,
    "application/json",
    JSON.stringify({ videoName: "sintel", viewId }),
  );
  const bytes = toBinary(
    LogViewRequestSchema,
    create(LogViewRequestSchema, { videoName: "sintel", viewId }),
  );
  const second = await call(url, "application/proto", new Uint8Array(bytes));
  expect(first).toEqual([200, { success: true, viewId, duplicate: false, position: "1" }]);
  expect(second).toEqual([200, { success: true, viewId, duplicate: true, position: "1" }]);
  const taken = toBinary(
    LogViewRequestSchema,
    create(LogViewRequestSchema, { videoName: "other", viewId }),
  );
  const [status] = await call(url, "application/proto", new Uint8Array(taken));
  expect(status).toBe(409);
});
