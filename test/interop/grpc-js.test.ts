import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import type { DescMethodUnary, DescMethodServerStreaming } from "@bufbuild/protobuf";
import { Client, credentials, status, type ServiceError } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import {
  Recommendations,
  TrainModelResponse_Stage,
} from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { Greeter } from "../../gen/tutorial/greeter_pb.js";
import { startServer } from "../support/server.ts";

function connect(url: string): Client {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

const pathOf = (method: { parent: { typeName: string }; name: string }): string =>
  `/${method.parent.typeName}/${method.name}`;

function call<M extends DescMethodUnary>(
  client: Client,
  method: M,
  init: MessageInitShape<M["input"]>,
  deadlineMs = 10_000,
) {
  return new Promise<unknown>((resolve, reject) => {
    client.makeUnaryRequest(
      pathOf(method),
      (message: never) => Buffer.from(toBinary(method.input, message)),
      (bytes) => fromBinary(method.output, bytes),
      create(method.input, init) as never,
      { deadline: Date.now() + deadlineMs },
      (error, answer) => (error === null ? resolve(answer) : reject(error)),
    );
  });
}

async function stream<M extends DescMethodServerStreaming>(
  client: Client,
  method: M,
  init: MessageInitShape<M["input"]>,
): Promise<unknown[]> {
  const answers = client.makeServerStreamRequest(
    pathOf(method),
    (message: never) => Buffer.from(toBinary(method.input, message)),
    (bytes) => fromBinary(method.output, bytes),
    create(method.input, init) as never,
  );
  const seen: unknown[] = [];
  for await (const answer of answers) seen.push(answer);
  return seen;
}

describe("@grpc/grpc-js", () => {
  it("should log a view and read it back", async () => {
    const { url } = await startServer();
    const client = connect(url);
    const { logView, getViewStats, listTopVideos } = AnalyticsService.method;
    expect(await call(client, logView, { videoName: "sintel", viewerId: "ann" })).toMatchObject({
      success: true,
      position: 1n,
    });
    const query = { videoName: "sintel", minPosition: 1n };
    expect(await call(client, getViewStats, query)).toMatchObject({ views: 1n, uniqueViewers: 1n });
    expect(await call(client, listTopVideos, { minPosition: 1n })).toMatchObject({
      videos: [{ videoName: "sintel", views: 1n }],
    });
    expect(await call(client, Greeter.method.greet, { name: "Ann" })).toMatchObject({
      greeting: "Hello Ann",
    });
  });

  it("should get a status with details", async () => {
    const { url } = await startServer();
    const error = await call(connect(url), AnalyticsService.method.logView, {}).catch(
      (reason: unknown) => reason as ServiceError,
    );
    expect(error).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "video_name: Required: it must not be empty.",
    });
    const [details] = (error as ServiceError).metadata.get("grpc-status-details-bin");
    expect(String(details)).toContain("google.rpc.BadRequest");
  });

  it("should follow a stream to its end", async () => {
    const { url } = await startServer();
    const client = connect(url);
    const { recordFeedback, trainModel } = Recommendations.method;
    const feedback = ["a", "b", "c"].flatMap((userId) =>
      ["x", "y"].map((itemId) => ({ userId, itemId, kind: 2 })),
    );
    await call(client, recordFeedback, { feedback });
    const messages = await stream(client, trainModel, {});
    expect(messages.at(-1)).toMatchObject({
      stage: TrainModelResponse_Stage.DONE,
      model: { items: 2n, users: 3n, interactions: 6n, position: 6n },
    });
  });

  it("should be told that a method does not exist", async () => {
    const { url } = await startServer();
    const client = connect(url);
    const { greet } = Greeter.method;
    const missing = { ...greet, name: "Leave" } as typeof greet;
    await expect(call(client, missing, { name: "Ann" })).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });
});
