import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.js";
import { RouteGuide } from "../../gen/tutorial/route_guide_pb.js";
import { startServer } from "../support/server.ts";
import { chat } from "./chat.ts";

const { routeChat } = RouteGuide.method;

async function start() {
  const server = await startServer();
  return { ...server, guide: createClient(RouteGuide, server.client.transport) };
}

describe("RouteGuide", () => {
  it("should know the name of a place, and where it is", async () => {
    const { guide } = await start();
    const location = { Latitude: 409146138, Longitude: -746188906 };
    expect(await guide.getFeature(location)).toMatchObject({
      name: "Berkshire Valley Management Area Trail, Jefferson, NJ, USA",
      location,
    });
  });

  it("should have no name for any other point, up to the ends of the map", async () => {
    const { guide } = await start();
    for (const location of [
      { Latitude: 0, Longitude: 0 },
      { Latitude: 409146138, Longitude: 746188906 },
      { Latitude: 409146137, Longitude: -746188906 },
      { Latitude: 900_000_000, Longitude: 1_800_000_000 },
      { Latitude: -900_000_000, Longitude: -1_800_000_000 },
    ]) {
      expect(await guide.getFeature(location)).toMatchObject({ name: "", location });
    }
  });

  it("should refuse points that are not on the map, and name the field", async () => {
    const { guide, url } = await start();
    for (const [point, field] of [
      [{ Latitude: 900_000_001 }, "Latitude"],
      [{ Latitude: -900_000_001 }, "Latitude"],
      [{ Longitude: 1_800_000_001 }, "Longitude"],
      [{ Longitude: -1_800_000_001 }, "Longitude"],
    ] as const) {
      const error = await guide.getFeature(point).then(
        () => undefined,
        (reason: unknown) => ConnectError.from(reason),
      );
      expect(error?.code).toBe(Code.InvalidArgument);
      expect(error?.findDetails(BadRequestSchema)).toMatchObject([
        { fieldViolations: [{ field }] },
      ]);

      const call = chat(url, routeChat);
      call.send({ message: "first" });
      call.send({ location: point, message: "second" });
      const status = await call.take(1_000).catch((reason: unknown) => reason);
      expect(status).toMatchObject({
        code: Status.INVALID_ARGUMENT,
        details: expect.stringMatching(new RegExp(`^location\\.${field}: From -`)),
      });
    }
  });

  it("should bring back the notes that were left at a point before, at once", async () => {
    const { url } = await start();
    const here = { Latitude: 409146138, Longitude: -746188906 };
    const there = { Latitude: 1, Longitude: 1 };
    const call = chat(url, routeChat);
    call.send({ location: here, message: "one" });
    call.send({ location: there, message: "elsewhere" });
    call.send({ location: here, message: "two" });
    expect(await call.next()).toMatchObject({ location: here, message: "one" });
    call.send({ location: here, message: "three" });
    expect(await call.take(2)).toMatchObject([
      { location: here, message: "one" },
      { location: here, message: "two" },
    ]);
    // Without a location, it is where both are 0.
    call.send({ message: "nowhere" });
    call.send({ location: {}, message: "nowhere either" });
    expect(await call.next()).toMatchObject({
      location: { Latitude: 0, Longitude: 0 },
      message: "nowhere",
    });
    call.end();
    expect(await call.next()).toBeUndefined();
  });

  it("should pass notes from one stream to another", async () => {
    const { url } = await start();
    const location = { Latitude: 1 };
    const ann = chat(url, routeChat);
    ann.send({ location, message: "from Ann" });
    ann.send({ location, message: "again" });
    expect(await ann.next()).toMatchObject({ message: "from Ann" });
    const ben = chat(url, routeChat);
    ben.send({ location, message: "from Ben" });
    expect(await ben.take(2)).toMatchObject([{ message: "from Ann" }, { message: "again" }]);
    ann.send({ location, message: "at last" });
    expect(await ann.take(3)).toMatchObject([{}, {}, { message: "from Ben" }]);
  });

  it("should keep the newest 100 notes of a point", async () => {
    const { url } = await start();
    const call = chat(url, routeChat);
    for (let note = 0; note < 102; note++) call.send({ message: `${note}` });
    // The first brings back none, the second one, and so on.
    await call.take(99 * 50 + 100);
    const last = await call.take(100);
    expect(last.map((note) => note?.message)).toEqual(
      Array.from({ length: 100 }, (_, index) => `${index + 1}`),
    );
    call.end();
    expect(await call.next()).toBeUndefined();
  });

  it("should forget the point that was visited least lately, beyond 1,000", async () => {
    const { url } = await start();
    const call = chat(url, routeChat);
    const visit = (Latitude: number, message: string) =>
      call.send({ location: { Latitude }, message });
    for (let point = 0; point < 1_000; point++) visit(point, `at ${point}`);
    visit(0, "again");
    expect(await call.next()).toMatchObject({ message: "at 0" });
    visit(1_000, "one too many");
    visit(1, "forgotten");
    visit(0, "kept");
    expect(await call.take(2)).toMatchObject([{ message: "at 0" }, { message: "again" }]);
    call.end();
    expect(await call.next()).toBeUndefined();
  });
});
