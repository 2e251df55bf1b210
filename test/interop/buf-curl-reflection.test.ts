import { describe, expect, it } from "vitest";
import { run, type Ran } from "../support/run.ts";
import { startServer } from "../support/server.ts";

/** Without a schema: what there is, and how it looks, is asked of the server. */
function bufCurl(url: string, flags: readonly string[], ...requests: unknown[]): Promise<Ran> {
  const data = requests.map((request) => JSON.stringify(request)).join("\n");
  return run(
    "node_modules/.bin/buf",
    ...["curl", "--http2-prior-knowledge", ...flags],
    ...(requests.length > 0 ? ["-d", data] : []),
    url,
  );
}

const answers = ({ stdout }: Ran): unknown[] =>
  // Messages are printed one after the other: each ends with a brace that begins a line.
  (stdout.match(/^\{(?:\}|[^]*?^\})/gm) ?? []).map((text) => JSON.parse(text) as unknown);

describe.each(["grpc-v1", "grpc-v1alpha"])("buf curl with reflection of %s", (version) => {
  it("should list all methods", async () => {
    const { url } = await startServer();
    const listed = await bufCurl(url, ["--reflect-protocol", version, "--list-methods"]);
    expect(listed.stdout.trim().split("\n")).toEqual(
      expect.arrayContaining([
        "analytics.v1.AnalyticsService/LogView",
        "catalog.v1.CatalogService/ImportItems",
        "profiles.v1.ProfileService/UpdateProfile",
        "recommendations.v1.Recommendations/TrainModel",
        "Greeter/Greet",
        "bidirectional.Bidirectional/GetServerResponse",
      ]),
    );
  });

  it("should call a method in each protocol", async () => {
    const { url } = await startServer();
    for (const protocol of ["grpc", "grpcweb", "connect"]) {
      const flags = ["--reflect-protocol", version, "--protocol", protocol];
      const view = { video_name: "sintel", view_id: protocol };
      const method = `${url}/analytics.v1.AnalyticsService/LogView`;
      expect(answers(await bufCurl(method, flags, view)), protocol).toMatchObject([
        { success: true, viewId: protocol },
      ]);
    }
  });
});

describe.each(["grpc", "grpcweb", "connect"])("buf curl with reflection over %s", (protocol) => {
  const flags = ["--protocol", protocol];

  it("should send a stream, and be told what was left out of it", async () => {
    const { url } = await startServer();
    const imported = await bufCurl(
      `${url}/catalog.v1.CatalogService/ImportItems`,
      flags,
      { items: [{ id: "emma", title: "Emma" }, { id: "untitled" }] },
      { items: [{ id: "dracula", title: "Dracula" }] },
    );
    expect(answers(imported)).toMatchObject([
      { created: "2", rejectedCount: "1", rejected: [{ index: "1", field: "title" }] },
    ]);
  });

  it("should follow a training to its end", async () => {
    const { url, client } = await startServer();
    await client.recommendations.recordFeedback({
      feedback: ["a", "b", "c"].flatMap((userId) =>
        ["x", "y"].map((itemId) => ({ userId, itemId, kind: 2 })),
      ),
    });
    const train = `${url}/recommendations.v1.Recommendations/TrainModel`;
    expect(answers(await bufCurl(train, flags, {})).at(-1)).toMatchObject({
      stage: "STAGE_DONE",
      model: { interactions: "6" },
    });
  });

  it("should get an answer to each message of a stream", async () => {
    const { url } = await startServer();
    const messages = ["First message", "Second message"].map((message) => ({ message }));
    const method = `${url}/bidirectional.Bidirectional/GetServerResponse`;
    expect(answers(await bufCurl(method, flags, ...messages))).toEqual(messages);
  });

  it("should be told that there is no such method", async () => {
    const { url } = await startServer();
    const missing = await bufCurl(`${url}/Greeter/Leave`, flags, {});
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toMatch(/Leave/);
  });
});
