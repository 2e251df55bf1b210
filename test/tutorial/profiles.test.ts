import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ProfileService } from "../../gen/tutorial/profile_service_pb.js";
import { createMarqueeClient } from "../../src/client/index.ts";
import { tutorialProfiles } from "../../src/tutorial/profiles.ts";
import { startServer } from "../support/server.ts";

async function start() {
  const server = await startServer();
  return { ...server, profiles: createClient(ProfileService, server.client.transport) };
}

const ann = { firstName: "Ann", lastName: "Lee", email: "ann@example.org" };
const refusal = { status: 400, msg: "Invalid Request not enough credentials" };

describe("the tutorial's ProfileService", () => {
  it("should create a profile where everybody finds it", async () => {
    const { profiles, client } = await start();
    expect(await profiles.createProfile(ann)).toMatchObject({
      status: 200,
      msg: "profile created",
      error: "",
    });
    const listed = await client.profiles.listProfiles({});
    expect(listed.profiles).toMatchObject([{ ...ann, imageUrl: "" }]);
  });

  it("should say in its answer what is wrong with a request", async () => {
    const { profiles, client } = await start();
    for (const [request, fields] of [
      [{}, ["first_name", "last_name", "email"]],
      [{ ...ann, firstName: "" }, ["first_name"]],
      [{ ...ann, lastName: "" }, ["last_name"]],
      [{ ...ann, email: "" }, ["email"]],
      [{ ...ann, email: "https://example.org/ann.png" }, ["email"]],
      [{ ...ann, email: "ann.png" }, ["email", "image_url"]],
      [{ ...ann, email: "@" }, ["email"]],
      [{ ...ann, firstName: "x".repeat(100_000) }, ["first_name"]],
      [{ ...ann, email: `${"x".repeat(100_000)}@x` }, ["email"]],
    ] as const) {
      const { error, ...answer } = await profiles.createProfile(request);
      expect(answer).toMatchObject(refusal);
      const all = ["first_name", "last_name", "email", "image_url"];
      expect(all.filter((field) => error.includes(`${field}: `))).toEqual(fields);
    }
    expect((await client.profiles.listProfiles({})).profiles).toEqual([]);
  });

  it("should say in its answer that an email is taken", async () => {
    const { profiles, client } = await start();
    await profiles.createProfile(ann);
    expect(await profiles.createProfile({ ...ann, email: "ANN@example.org" })).toMatchObject({
      ...refusal,
      error: "email: another profile has this address",
    });
    expect((await client.profiles.listProfiles({})).profiles).toHaveLength(1);
  });

  it("should not call it the caller's fault when the real service is not there", async () => {
    // Nobody listens on port 1.
    using marquee = createMarqueeClient({ url: "http://localhost:1", retry: false });
    const transport = createRouterTransport(({ service }) => {
      service(ProfileService, tutorialProfiles(marquee));
    });
    const profiles = createClient(ProfileService, transport);
    await expect(profiles.createProfile(ann)).rejects.toMatchObject({ code: Code.Unavailable });
  });
});
