import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import type { Ran } from "../support/run.ts";
import { install, runForeign } from "./support/foreign.ts";

const bin = await install("install-go-tools");

/** Runs grpcurl, which learns the contracts from the server alone. */
function grpcurl(url: string, flags: readonly string[], ...args: readonly string[]): Promise<Ran> {
  const { host } = new URL(url);
  return runForeign(`${bin}/grpcurl`, ["-plaintext", "-max-time", "30", ...flags, host, ...args]);
}

/** The messages that a call with these requests was answered with. */
async function call(url: string, method: string, ...requests: unknown[]): Promise<unknown[]> {
  const { host } = new URL(url);
  const { stdout, stderr, code } = await runForeign(
    `${bin}/grpcurl`,
    ["-plaintext", "-max-time", "30", "-emit-defaults", "-d", "@", host, method],
    { input: requests.map((request) => JSON.stringify(request)).join("\n") },
  );
  expect(code, stderr).toBe(0);
  // Messages are printed one after the other: each ends with a brace that begins a line.
  return (stdout.match(/^\{[^]*?^\}/gm) ?? []).map((text) => JSON.parse(text) as unknown);
}

const lines = ({ stdout, stderr, code }: Ran): string[] => {
  expect(code, stderr).toBe(0);
  return stdout.trim().split("\n");
};

describe("grpcurl", () => {
  it("should list all services and their methods", async () => {
    const { url } = await startServer();
    expect(lines(await grpcurl(url, [], "list"))).toEqual(
      [
        ...["AnalyticsService", "Greeter", "Recommendations", "RouteGuide"],
        "admin.v1.AdminService",
        "analytics.v1.AnalyticsService",
        "bidirectional.Bidirectional",
        "catalog.v1.CatalogService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "marketplace.v1.MarketplaceService",
        "profiles.v1.ProfileService",
        "profileservice.ProfileService",
        "recommendations.v1.Recommendations",
        "sample.v1.SampleService",
        "unary.Unary",
      ].toSorted(),
    );
    expect(lines(await grpcurl(url, [], "list", "admin.v1.AdminService"))).toEqual([
      "admin.v1.AdminService.StreamBackup",
      "admin.v1.AdminService.TailLog",
    ]);
  });

  it("should describe a method and a message in the words of the contract", async () => {
    const { url } = await startServer();
    const method = "analytics.v1.AnalyticsService.LogView";
    expect(lines(await grpcurl(url, [], "describe", method))).toEqual(
      expect.arrayContaining([
        "// Logs one view. When the answer arrives, the view is on disk.",
        "rpc LogView ( .analytics.v1.LogViewRequest ) returns ( .analytics.v1.LogViewResponse );",
      ]),
    );
    expect(lines(await grpcurl(url, [], "describe", "analytics.v1.LogViewRequest"))).toEqual(
      expect.arrayContaining([
        '  // What it was viewed on, such as "phone" or "tv". At most 64 characters.',
        "  string device = 7;",
      ]),
    );
  });

  it("should describe a method of a contract that has no package", async () => {
    const { url } = await startServer();
    expect(lines(await grpcurl(url, [], "describe", "RouteGuide.RouteChat"))).toContain(
      "rpc RouteChat ( stream .RouteNote ) returns ( stream .RouteNote );",
    );
  });

  it("should show a template of a request", async () => {
    const { url } = await startServer();
    const described = await grpcurl(url, ["-msg-template"], "describe", "catalog.v1.Item");
    const [, template = ""] = described.stdout.split("Message template:");
    expect(JSON.parse(template)).toMatchObject({ id: "", title: "", creators: [""] });
  });

  it("should be told that a symbol does not exist", async () => {
    const { url } = await startServer();
    const described = await grpcurl(url, [], "describe", "analytics.v1.NoSuchService");
    expect(described.code).not.toBe(0);
    expect(described.stderr).toMatch(/not found/i);
  });

  it("should log a view and read it back", async () => {
    const { url } = await startServer();
    const view = { video_name: "sintel", viewer_id: "ann", view_id: "v-1", watch_duration: "90s" };
    expect(await call(url, "analytics.v1.AnalyticsService/LogView", view)).toEqual([
      { success: true, viewId: "v-1", duplicate: false, position: "1" },
    ]);
    const query = { video_name: "sintel", min_position: 1 };
    expect(await call(url, "analytics.v1.AnalyticsService/GetViewStats", query)).toEqual([
      { views: "1", uniqueViewers: "1", watchDuration: "90s", position: "1", botViews: "0" },
    ]);
  });

  it("should import a catalog as a stream of messages, and get recommendations", async () => {
    const { url } = await startServer();
    const imported = await call(
      url,
      "catalog.v1.CatalogService/ImportItems",
      { items: [{ id: "emma", title: "Emma" }, { id: "untitled" }] },
      { items: [{ id: "dracula", title: "Dracula", categories: ["Horror!"] }] },
      { items: [{ id: "emma", title: "Emma" }] },
    );
    expect(imported).toMatchObject([
      {
        ...{ created: "1", updated: "0", unchanged: "1", rejectedCount: "2" },
        rejected: [
          { index: "1", field: "title", reason: expect.any(String) },
          { index: "2", field: "categories[0]", reason: expect.any(String) },
        ],
      },
    ]);
    const method = "recommendations.v1.Recommendations/Recommend";
    expect(await call(url, method, { user_id: "ann" })).toMatchObject([
      { recommendations: [{ id: "emma", title: "Emma" }] },
    ]);
  });

  it("should follow a training to its end", async () => {
    const { url } = await startServer();
    const feedback = ["a", "b", "c"].flatMap((user_id) =>
      ["x", "y"].map((item_id) => ({ user_id, item_id, kind: "FEEDBACK_KIND_LIKE" })),
    );
    await call(url, "recommendations.v1.Recommendations/RecordFeedback", { feedback });
    const stages = await call(url, "recommendations.v1.Recommendations/TrainModel", {});
    expect(stages.at(-1)).toMatchObject({
      stage: "STAGE_DONE",
      model: { users: "3", interactions: "6" },
    });
  });

  it("should get an answer to each message of a stream", async () => {
    const { url } = await startServer();
    const messages = ["First message", "Second message"].map((message) => ({ message }));
    expect(await call(url, "bidirectional.Bidirectional/GetServerResponse", ...messages)).toEqual(
      messages,
    );
    const location = { Latitude: 409_146_138, Longitude: -746_188_906 };
    const notes = ["one", "two", "three"].map((message) => ({ location, message }));
    const [one, two] = notes;
    expect(await call(url, "RouteGuide/RouteChat", ...notes)).toEqual([one, one, two]);
  });

  it("should be told the health of the server and of a service", async () => {
    const { url } = await startServer();
    for (const service of ["", "catalog.v1.CatalogService"]) {
      expect(await call(url, "grpc.health.v1.Health/Check", { service }), service).toEqual([
        { status: "SERVING" },
      ]);
    }
    const unknown = await grpcurl(
      url,
      ["-d", '{"service": "no.such.Service"}'],
      "grpc.health.v1.Health/Check",
    );
    expect(unknown.stderr).toContain("Code: NotFound");
  });

  it("should show the details of an error, decoded", async () => {
    const { url } = await startServer();
    const refused = await grpcurl(
      url,
      ["-format-error", "-d", '{"country": "Holland"}'],
      "analytics.v1.AnalyticsService/LogView",
    );
    expect(refused.code).not.toBe(0);
    expect(JSON.parse(refused.stderr)).toMatchObject({
      code: 3,
      message: expect.stringMatching(/^video_name: .*; country: /),
      details: expect.arrayContaining([
        expect.objectContaining({
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [
            expect.objectContaining({ field: "video_name" }),
            expect.objectContaining({ field: "country" }),
          ],
        }),
        expect.objectContaining({
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "INVALID_FIELD",
        }),
      ]),
    });
  });
});
