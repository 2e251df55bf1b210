import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.js";
import { run, type Ran } from "../support/run.ts";
import { startServer } from "../support/server.ts";

function bufCurl(url: string, protocol: string, method: string, request: unknown): Promise<Ran> {
  return run(
    "node_modules/.bin/buf",
    ...["curl", "--schema", ".", "--protocol", protocol],
    ...(protocol === "grpc" ? ["--http2-prior-knowledge"] : []),
    ...["-d", JSON.stringify(request), `${url}/${method}`],
  );
}

describe.each(["grpc", "grpcweb", "connect"])("buf curl over %s", (protocol) => {
  it("should log a view and read it back", async () => {
    const { url } = await startServer();
    const view = { video_name: "sintel", viewer_id: "ann", view_id: "v-1" };
    const logged = await bufCurl(url, protocol, "analytics.v1.AnalyticsService/LogView", view);
    expect(JSON.parse(logged.stdout)).toEqual({ success: true, viewId: "v-1", position: "1" });
    const stats = await bufCurl(url, protocol, "analytics.v1.AnalyticsService/GetViewStats", {
      video_name: "sintel",
      min_position: "1",
    });
    expect(JSON.parse(stats.stdout)).toMatchObject({ views: "1", uniqueViewers: "1" });
  });

  it("should call the tutorial contracts by their own names", async () => {
    const { url } = await startServer();
    const greeted = await bufCurl(url, protocol, "Greeter/Greet", { name: "Ann" });
    expect(JSON.parse(greeted.stdout)).toEqual({ greeting: "Hello Ann" });
    const logged = await bufCurl(url, protocol, "AnalyticsService/LogView", { video_name: "v" });
    expect(JSON.parse(logged.stdout)).toEqual({ success: true });
  });

  it("should get the code, the message and the details of an error", async () => {
    const { url } = await startServer();
    const refused = await bufCurl(url, protocol, "analytics.v1.AnalyticsService/LogView", {});
    expect(refused.code).not.toBe(0);
    const error = JSON.parse(refused.stderr) as { details: { type: string; value: string }[] };
    expect(error).toMatchObject({
      code: "invalid_argument",
      message: "video_name: Required: it must not be empty.",
    });
    const detail = error.details.find(({ type }) => type === "google.rpc.BadRequest");
    const badRequest = fromBinary(BadRequestSchema, Buffer.from(detail?.value ?? "", "base64"));
    expect(badRequest.fieldViolations).toMatchObject([{ field: "video_name" }]);
  });
});
