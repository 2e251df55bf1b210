import { rm } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { createMarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer, type ServerProcess } from "../support/process.ts";
import { pythonClient, tutorialPort } from "./support/python.ts";

const { directory, call } = await pythonClient();
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A server as it is started for the tutorials' clients. */
async function start(): Promise<ServerProcess> {
  const [dataDir, port] = await Promise.all([temporaryDirectory(), tutorialPort()]);
  return spawnServer({ MARQUEE_DATA_DIR: dataDir, MARQUEE_PORT: port });
}

/** The log line of the one call of a method, once there is one. */
async function lineOf({ lines }: ServerProcess, rpc: string): Promise<unknown> {
  await expect.poll(() => lines.filter((line) => line["rpc"] === rpc)).toHaveLength(1);
  return lines.find((line) => line["rpc"] === rpc);
}

describe("a Python client of the tutorials", () => {
  it("should be told that the server is up and what it got", async () => {
    const { url } = await start();
    expect(await call(url, "unary", "Hello Server you there?")).toEqual([
      {
        message: 'Hello I am up and running received "Hello Server you there?" message from you',
        received: true,
      },
    ]);
  });

  it("should be greeted", async () => {
    const { url } = await start();
    expect(await call(url, "greet", "Åsa")).toEqual([{ greeting: "Hello Åsa" }]);
  });

  it("should get the answer to each message before it sends the next", async () => {
    const { url } = await start();
    expect(await call(url, "bidirectional", "First message", "Second message", "Third")).toEqual([
      { message: "First message" },
      { message: "Second message" },
      { message: "Third" },
      // After the end of the requests: no more.
      [],
    ]);
  });

  it("should find a feature where there is one", async () => {
    const { url } = await start();
    expect(await call(url, "get_feature", 409_146_138, -746_188_906)).toMatchObject([
      { name: "Berkshire Valley Management Area Trail, Jefferson, NJ, USA" },
    ]);
    expect(await call(url, "get_feature", 1, 2)).toEqual([
      { name: "", location: { Latitude: 1, Longitude: 2 } },
    ]);
  });

  it("should be told which coordinate is not on the map", async () => {
    const { url } = await start();
    expect(await call(url, "get_feature", 900_000_001, 0)).toMatchObject([
      { code: "INVALID_ARGUMENT", message: expect.stringMatching(/^Latitude: /) },
    ]);
  });

  it("should get back the notes that anybody left at a point", async () => {
    const { url } = await start();
    const note = (message: string) => ({ location: { Latitude: 0, Longitude: 1 }, message });
    expect(await call(url, "route_chat", "0,1=one", "0,2=two", "0,1=three")).toEqual([note("one")]);
    expect(await call(url, "route_chat", "0,1=four")).toEqual([note("one"), note("three")]);
  });

  it("should create a profile, and be told in the answer why not", async () => {
    const { url } = await start();
    const refused = { status: 400, msg: "Invalid Request not enough credentials" };
    expect(await call(url, "create_profile", "Ann", "Lee", "ann@example.org")).toEqual([
      { status: 200, msg: "profile created", error: "" },
    ]);
    expect(await call(url, "create_profile", "Anna", "Lee", "ANN@example.org")).toEqual([
      { ...refused, error: expect.stringMatching(/email/) },
    ]);
    expect(await call(url, "create_profile", "", "Lee", "lee@example.org")).toEqual([
      { ...refused, error: expect.stringMatching(/first_name/) },
    ]);
    // The third field is taken for the picture: then there is no email.
    const picture = "https://example.org/ann.png";
    expect(await call(url, "create_profile", "Ann", "Lee", picture)).toEqual([
      { ...refused, error: expect.stringMatching(/email/) },
    ]);
  });

  it("should log a view that everybody counts", async () => {
    const { url } = await start();
    expect(await call(url, "log_view", "sintel")).toEqual([{ success: true }]);
    using marquee = createMarqueeClient({ url });
    const query = { videoName: "sintel", minPosition: 1n };
    expect(await marquee.analytics.getViewStats(query)).toMatchObject({ views: 1n });
  });

  it("should get books of a category, and an empty list where there are none", async () => {
    const { url } = await start();
    using marquee = createMarqueeClient({ url });
    await marquee.catalog.upsertItems({
      items: [
        { id: "1", title: "Emma", categories: ["romance"] },
        { id: "2", title: "Dracula", categories: ["fiction"] },
        { id: "three", title: "No number", categories: ["romance"] },
        { id: "4", title: "Persuasion", categories: ["romance"] },
      ],
    });
    const [FICTION, ROMANCE, SELF_HELP] = [0, 1, 2];
    const [first, ...more] = await call(url, "recommend", 7, ROMANCE, 10);
    expect(more).toEqual([]);
    const { recommendations } = first as { recommendations: { id: number; title: string }[] };
    expect(recommendations.toSorted((a, b) => a.id - b.id)).toEqual([
      { id: 1, title: "Emma" },
      { id: 4, title: "Persuasion" },
    ]);
    expect(await call(url, "recommend", 7, FICTION, 10)).toEqual([
      { recommendations: [{ id: 2, title: "Dracula" }] },
    ]);
    expect(await call(url, "recommend", 7, SELF_HELP, 10)).toEqual([{ recommendations: [] }]);
    expect(await call(url, "recommend", 7, 3, 10)).toMatchObject([
      { code: "NOT_FOUND", message: expect.stringMatching(/^category: /) },
    ]);
  });

  it("should decode the details of an error", async () => {
    const { url } = await start();
    const [error] = await call(url, "log_view", "");
    expect(error).toEqual({
      code: "INVALID_ARGUMENT",
      message: "video_name: Required: it must not be empty.",
      details: expect.arrayContaining([
        {
          fieldViolations: [
            { field: "video_name", description: "Required: it must not be empty." },
          ],
        },
        { reason: "INVALID_FIELD", domain: "marquee" },
      ]),
    });
  });

  it("should end a call that waits at its deadline, on both sides", async () => {
    const server = await start();
    // Nothing is sent, so without the deadline nothing would ever be answered.
    expect(await call(server.url, "wait", 200)).toMatchObject([{ code: "DEADLINE_EXCEEDED" }]);
    // Whichever side is first: the client tells that it is gone.
    const rpc = "/bidirectional.Bidirectional/GetServerResponse";
    expect(await lineOf(server, rpc)).toMatchObject({
      code: expect.stringMatching(/^(?:deadline_exceeded|canceled)$/),
    });
  });

  it("should send and receive compressed messages", async () => {
    const server = await start();
    const message = "there? ".repeat(1_000);
    const [answer] = await call(server.url, "unary", message);
    expect(answer).toMatchObject({ message: expect.stringContaining(message), received: true });
    const line = await lineOf(server, "/unary.Unary/GetServerResponse");
    const { bytesIn, bytesOut } = line as { bytesIn: number; bytesOut: number };
    expect(bytesIn).toBeLessThan(message.length / 10);
    expect(bytesOut).toBeLessThan(message.length / 10);
  });

  it("should be told the health of the server and of a service", async () => {
    const { url } = await start();
    for (const service of ["", "analytics.v1.AnalyticsService", "unary.Unary"]) {
      expect(await call(url, "health", service), service).toEqual([{ status: "SERVING" }]);
    }
    expect(await call(url, "health", "no.such.Service")).toMatchObject([{ code: "NOT_FOUND" }]);
  });

  it("should find the contracts by reflection of the version that it knows, v1alpha", async () => {
    const { url } = await start();
    const [services, file] = await call(url, "reflect", "bidirectional.Message");
    expect(services).toEqual(
      expect.arrayContaining([
        ...["AnalyticsService", "Greeter", "Recommendations", "RouteGuide"],
        ...["analytics.v1.AnalyticsService", "unary.Unary", "profileservice.ProfileService"],
      ]),
    );
    expect(file).toBe("tutorial/bidirectional.proto");
  });
});
