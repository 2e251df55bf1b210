import { create, toJsonString, type JsonValue } from "@bufbuild/protobuf";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { LogViewRequestSchema } from "../../../gen/analytics/v1/ingestion_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import {
  Recommendations,
  TrainModelResponse_Stage,
} from "../../../gen/recommendations/v1/recommendations_service_pb.js";
import { Greeter } from "../../../gen/tutorial/greeter_pb.js";

/** What a page speaks: Connect in binary, in JSON and by GET, and gRPC-Web. */
export type Protocol = "connect" | "connect-json" | "connect-get" | "grpc-web";

function transportTo(baseUrl: string, protocol: Protocol): Transport {
  if (protocol === "grpc-web") return createGrpcWebTransport({ baseUrl });
  return createConnectTransport({
    baseUrl,
    useBinaryFormat: protocol !== "connect-json",
    useHttpGet: protocol === "connect-get",
  });
}

/** This is a browser: types of Node do not know that. */
const browser = globalThis as unknown as {
  addEventListener(event: "pagehide", listener: () => void): void;
  readonly navigator: { sendBeacon(url: string, text: string): boolean };
};

/** The URL of LogView, and a view as JSON. */
function viewOf(server: string, videoName: string): [url: string, json: string] {
  const view = create(LogViewRequestSchema, { videoName });
  return [
    `${server}/${AnalyticsService.typeName}/LogView`,
    toJsonString(LogViewRequestSchema, view),
  ];
}

/** What the tests call. What comes back must be JSON. */
const api = {
  async logAndRead(server: string, protocol: Protocol, videoName: string) {
    const client = createClient(AnalyticsService, transportTo(server, protocol));
    const { position } = await client.logView({ videoName, viewerId: "ann" });
    const stats = await client.getViewStats({ videoName, minPosition: position });
    return { views: Number(stats.views), uniqueViewers: Number(stats.uniqueViewers) };
  },

  async train(server: string, protocol: Protocol) {
    const client = createClient(Recommendations, transportTo(server, protocol));
    const stages: string[] = [];
    let users = 0;
    for await (const { stage, model } of client.trainModel({})) {
      stages.push(TrainModelResponse_Stage[stage]);
      users = Number(model?.users ?? 0);
    }
    return { stages, users };
  },

  async failure(server: string, protocol: Protocol) {
    const client = createClient(AnalyticsService, transportTo(server, protocol));
    const error = ConnectError.from(
      await client.getViewStats({ minPosition: -1n }).catch((reason: unknown) => reason),
    );
    return {
      code: error.code,
      message: error.rawMessage,
      fields: error
        .findDetails(BadRequestSchema)
        .flatMap(({ fieldViolations }) => fieldViolations.map(({ field }) => field)),
      reasons: error.findDetails(ErrorInfoSchema).map(({ reason }) => reason),
      requestId: error.metadata.get("x-request-id"),
    };
  },

  async greet(server: string, protocol: Protocol, name: string) {
    return (await createClient(Greeter, transportTo(server, protocol)).greet({ name })).greeting;
  },

  async fetchJson(url: string, body: string, keepalive: boolean): Promise<JsonValue> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body, keepalive });
    return { status: answer.status, body: (await answer.json()) as JsonValue };
  },

  sendBeacon: (server: string, videoName: string) =>
    browser.navigator.sendBeacon(...viewOf(server, videoName)),

  logWhenLeft(server: string, videoName: string) {
    browser.addEventListener("pagehide", () => {
      browser.navigator.sendBeacon(...viewOf(server, videoName));
    });
  },

  fetchWhenLeft(server: string, videoName: string) {
    const [url, body] = viewOf(server, videoName);
    const headers = { "content-type": "application/json" };
    browser.addEventListener("pagehide", () => {
      void fetch(url, { method: "POST", headers, body, keepalive: true });
    });
  },
};

export type PageApi = typeof api;

Object.assign(globalThis, { api });
