import type { JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { makeCall, type Outcome } from "../../src/explorer/call.ts";
import { enveloped } from "../../src/explorer/envelopes.ts";
import { failureOf } from "../../src/explorer/failure.ts";
import { readRequest } from "../../src/explorer/fault.ts";
import {
  defaultOptions,
  optionsFor,
  readHeaders,
  type CallOptions,
} from "../../src/explorer/options.ts";
import { startServer } from "../support/server.ts";
import { methodIn, own } from "./support/contracts.ts";

interface Called {
  readonly outcome: Outcome;
  readonly values: JsonValue[];
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;
}

async function call(
  baseUrl: string,
  path: string,
  value: JsonValue,
  given: Partial<CallOptions> = {},
  onMessage: (aborter: AbortController) => void = () => undefined,
): Promise<Called> {
  const method = methodIn(own, path);
  const { registry } = own;
  const options = { ...defaultOptions, ...given };
  const { messages, fault } = readRequest(method, value, registry);
  if (messages === undefined) throw new Error(fault?.message);
  const { headers = [] } = readHeaders(options.headers);
  const aborter = new AbortController();
  const values: JsonValue[] = [];
  let status: number | undefined;
  let answered: Iterable<readonly [string, string]> = [];
  const outcome = await makeCall(
    { method, baseUrl, messages, registry, headers, options },
    aborter.signal,
    {
      onHeaders(seen, all) {
        status = seen;
        answered = all;
      },
      onMessage(message) {
        values.push(message);
        onMessage(aborter);
      },
    },
  );
  return { outcome, values, status, headers: new Map(answered) };
}

/** Cancels a call once there is an answer. */
const callUntilFirst = (url: string, path: string, given: Partial<CallOptions>): Promise<Called> =>
  call(url, path, {}, given, (aborter) => aborter.abort());

const ways = (["connect", "grpc-web"] as const).flatMap((protocol) =>
  (["json", "binary"] as const).map((encoding) => ({ protocol, encoding })),
);

describe("A call", () => {
  it("should be answered, whatever the kind of the method, over each protocol", async () => {
    const { url } = await startServer();
    for (const way of ways) {
      const video = `${way.protocol}-${way.encoding}`;
      const view = { video_name: video, view_id: video };
      const logged = await call(url, "analytics.v1.AnalyticsService/LogView", view, way);
      expect(logged.outcome.failure).toBeUndefined();
      expect(logged.status).toBe(200);
      expect(logged.values).toMatchObject([{ success: true, viewId: video, duplicate: false }]);

      const views = [{ views: [view] }, { views: [{ video_name: video }, { video_name: "b" }] }];
      const many = await call(url, "analytics.v1.AnalyticsService/LogViews", views, way);
      expect(many.outcome.failure).toBeUndefined();
      expect(many.values).toMatchObject([{ logged: "2", duplicates: "1", rejected: [] }]);
      const none = await call(url, "analytics.v1.AnalyticsService/LogViews", [], way);
      expect(none.values).toMatchObject([{ logged: "0" }]);

      const messages = [{ message: "one" }, { message: "two" }];
      const path = "bidirectional.Bidirectional/GetServerResponse";
      const method = methodIn(own, path);
      // This runs over HTTP/1.1, as in a browser without TLS.
      const both = await call(
        url,
        path,
        messages,
        optionsFor(method, { ...defaultOptions, ...way }, false),
      );
      expect(both.outcome.failure).toBeUndefined();
      expect(both.values).toEqual(messages);

      // The stream has no end.
      const watched = await callUntilFirst(url, "analytics.v1.AnalyticsService/WatchViews", way);
      expect(watched.values[0]).toMatchObject({ counts: expect.any(Array) });
      expect(watched.outcome.failure?.code).toBe("canceled");
    }
  });

  it("should show why it failed, over each protocol", async () => {
    const { url } = await startServer();
    for (const way of ways) {
      const path = "analytics.v1.AnalyticsService/LogView";
      const { outcome, values } = await call(url, path, { country: "Holland" }, way);
      expect(values).toEqual([]);
      expect(outcome.failure?.code).toBe("invalid_argument");
      expect([...(outcome.failure?.faultyFields.keys() ?? [])]).toEqual(["video_name", "country"]);
      const details = new Map(outcome.failure?.details.map(({ type, value }) => [type, value]));
      expect(details.get("google.rpc.ErrorInfo")).toMatchObject({ reason: "INVALID_FIELD" });
    }
  });

  it("should heed its deadline and send its headers, over each protocol", async () => {
    const { url } = await startServer();
    for (const way of ways) {
      const options = { ...way, headers: "x-request-id: from-the-page" };
      const path = "admin.v1.AdminService/TailLog";
      const { outcome } = await call(url, path, {}, { ...options, timeoutMs: 200 });
      expect(outcome.failure?.code).toBe("deadline_exceeded");
      const { headers } = await call(url, "Greeter/Greet", { name: "Ann" }, options);
      expect(headers.get("x-request-id")).toBe("from-the-page");
    }
  });

  it("should say that nobody answers", async () => {
    const { outcome, status } = await call("http://localhost:1", "Greeter/Greet", { name: "Ann" });
    expect(status).toBeUndefined();
    expect(outcome.failure?.code).toMatch(/unknown|unavailable/);
  });
});

describe("The failure of a call", () => {
  it("should have details of unknown types as they are", () => {
    const error = new ConnectError("no", Code.ResourceExhausted);
    error.details.push({ type: "no.such.Type", value: Uint8Array.of(0, 255) });
    // No field has the number 0.
    error.details.push({ type: "google.rpc.RetryInfo", value: Uint8Array.of(0) });
    expect(failureOf(error, own.registry)).toMatchObject({
      code: "resource_exhausted",
      message: "no",
      details: [
        { type: "no.such.Type", bytes: "AP8=" },
        { type: "google.rpc.RetryInfo", bytes: "AA==" },
      ],
    });
  });

  it.each([
    "Failed to fetch",
    "NetworkError when attempting to fetch resource.",
    "Load failed",
    "network error",
  ])("should say that there is no server where a browser says: %s", (message) => {
    const error = ConnectError.from(new TypeError(message));
    expect(failureOf(error, own.registry)).toMatchObject({
      code: "",
      message: "The server cannot be reached.",
    });
    const wrong = ConnectError.from(new TypeError("x is not a function"));
    expect(failureOf(wrong, own.registry).code).toBe("unknown");
  });
});

describe("Messages in envelopes", () => {
  it("should each have their length before them", () => {
    const long = new Uint8Array(258).fill(7);
    expect([...enveloped([Uint8Array.of(1, 2), new Uint8Array(), long])]).toEqual([
      ...[0, 0, 0, 0, 2, 1, 2],
      ...[0, 0, 0, 0, 0],
      ...[0, 0, 0, 1, 2, ...long],
    ]);
    expect(enveloped([]).byteLength).toBe(0);
  });
});
