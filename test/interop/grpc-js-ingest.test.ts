import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, status, type ServiceError } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  IngestStatus,
  IngestViewsRequestSchema,
  IngestViewsResponseSchema,
  LogViewsRequestSchema,
  LogViewsResponseSchema,
  type IngestViewsRequest,
  type IngestViewsResponse,
  type LogViewsRequest,
  type LogViewsResponse,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { batchOf, someViews } from "../analytics/ingest-room.ts";
import { startServer } from "../support/server.ts";

const service = "/analytics.v1.AnalyticsService";

function connect(url: string): Client {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

function ingest(client: Client) {
  return client.makeBidiStreamRequest<IngestViewsRequest, IngestViewsResponse>(
    `${service}/IngestViews`,
    (message) => Buffer.from(toBinary(IngestViewsRequestSchema, message)),
    (bytes) => fromBinary(IngestViewsResponseSchema, bytes),
  );
}

describe("@grpc/grpc-js", () => {
  it("should log the views of a stream", async () => {
    const { url } = await startServer();
    const client = connect(url);
    const answer = await new Promise<LogViewsResponse | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest<LogViewsRequest, LogViewsResponse>(
        `${service}/LogViews`,
        (message) => Buffer.from(toBinary(LogViewsRequestSchema, message)),
        (bytes) => fromBinary(LogViewsResponseSchema, bytes),
        (error, response) => (error === null ? resolve(response) : reject(error)),
      );
      for (let message = 0; message < 20; message++) {
        call.write(create(LogViewsRequestSchema, { views: someViews(100, `${message % 19}`) }));
      }
      call.write(create(LogViewsRequestSchema, { views: [{ videoName: "" }] }));
      call.end();
    });
    expect(answer).toMatchObject({ logged: 1_900n, duplicates: 100n });
    expect(answer?.rejected).toMatchObject([{ index: 2_000, field: "video_name" }]);
  });

  it("should ingest batches, and get an answer to each", async () => {
    const { url } = await startServer();
    const call = ingest(connect(url));
    for (let sequence = 1; sequence <= 30; sequence++) {
      const batch = batchOf(sequence, someViews(100, `${sequence}`));
      call.write(create(IngestViewsRequestSchema, batch));
    }
    call.end();
    const answers: IngestViewsResponse[] = [];
    for await (const answer of call) answers.push(answer as IngestViewsResponse);
    expect(answers.map(({ sequence }) => Number(sequence))).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: IngestStatus.OK, logged: 100n, rejected: [] });
    }
  });

  it("should be told INVALID_ARGUMENT of a sequence that does not grow", async () => {
    const { url } = await startServer();
    const call = ingest(connect(url));
    const failed = new Promise<ServiceError>((resolve) => call.on("error", resolve as never));
    call.on("data", () => {});
    for (const sequence of [2, 1]) {
      call.write(create(IngestViewsRequestSchema, batchOf(sequence, someViews(1))));
    }
    expect(await failed).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(/^sequence: Must be above 2/),
    });
  });
});
