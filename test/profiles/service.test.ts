import { Code, ConnectError } from "@connectrpc/connect";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { createMarqueeClient, explainError } from "../../src/client/index.ts";
import { startServer, type TestServer } from "../support/server.ts";

const ann = {
  firstName: "Ann",
  lastName: "Lee",
  email: "Ann@Example.org",
  imageUrl: "https://example.org/ann.png",
};

async function create(client: TestServer["client"], init: object = {}) {
  const { profile } = await client.profiles.createProfile({ ...ann, ...init });
  if (profile === undefined) throw new Error("there is no profile in the answer");
  return profile;
}

/** What a call is refused with. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => expect.unreachable("it was not refused"),
    (reason: unknown) => ConnectError.from(reason),
  );
  return {
    code: error.code,
    fields: error
      .findDetails(BadRequestSchema)
      .flatMap((details) => details.fieldViolations.map(({ field }) => field)),
    info: error.findDetails(ErrorInfoSchema)[0],
    message: error.rawMessage,
    text: JSON.stringify(error.details.map((detail) => ({ ...detail }))) + error.message,
  };
}

describe("ProfileService", () => {
  it("should create, get and delete a profile", async () => {
    const { client } = await startServer();
    const before = Date.now();
    const profile = await create(client);
    expect(profile).toMatchObject(ann);
    expect(profile.updateTime).toEqual(profile.createTime);
    const { createTime } = profile;
    expect(createTime && timestampMs(createTime)).toBeGreaterThanOrEqual(before);
    expect((await client.profiles.getProfile({ id: profile.id })).profile).toEqual(profile);
    expect(await client.profiles.deleteProfile({ id: profile.id })).toMatchObject({
      deleted: true,
    });
    expect(await client.profiles.deleteProfile({ id: profile.id })).toMatchObject({
      deleted: false,
    });
    expect(await refusal(client.profiles.getProfile({ id: profile.id }))).toMatchObject({
      code: Code.NotFound,
      fields: ["id"],
      info: { reason: "PROFILE_NOT_FOUND" },
    });
  });

  it("should name an address that is taken, and not whose it is", async () => {
    const { client } = await startServer();
    const { id } = await create(client);
    const refused = await refusal(create(client, { firstName: "Ben", email: "ANN@EXAMPLE.ORG" }));
    expect(refused).toMatchObject({
      code: Code.AlreadyExists,
      fields: ["email"],
      info: { reason: "EMAIL_TAKEN", metadata: {} },
    });
    for (const secret of [id, "Ann", "Lee"]) expect(refused.text).not.toContain(secret);
  });

  it("should create one profile of many with the same address, at the same time", async () => {
    const { url, client } = await startServer();
    using other = createMarqueeClient({ url, protocol: "connect", httpVersion: "1.1" });
    const codes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        create(index % 2 === 0 ? client : other, {
          email: index % 3 ? ann.email : "ann@EXAMPLE.org",
        })
          .then(() => "created")
          .catch((error: unknown) => explainError(error).code),
      ),
    );
    expect(codes.filter((code) => code === "created")).toHaveLength(1);
    expect(codes.filter((code) => code === Code.AlreadyExists)).toHaveLength(39);
    expect((await client.profiles.listProfiles({})).profiles).toHaveLength(1);
  });

  it("should say what is wrong with a profile, all at once", async () => {
    const { client } = await startServer();
    const call = client.profiles.createProfile({
      firstName: "Ann",
      email: "ann",
      imageUrl: "a.png",
    });
    expect(await refusal(call)).toMatchObject({
      code: Code.InvalidArgument,
      fields: ["last_name", "email", "image_url"],
    });
    expect((await client.profiles.listProfiles({})).profiles).toEqual([]);
  });

  it("should change the fields that the mask names, and ignore the others", async () => {
    const { client } = await startServer();
    const { id } = await create(client);
    const update = async (profile: object, ...paths: string[]) =>
      (await client.profiles.updateProfile({ profile: { id, ...profile }, updateMask: { paths } }))
        .profile;
    // What the mask does not name may be anything.
    expect(await update({ lastName: "Ray", email: "no address" }, "last_name")).toMatchObject({
      ...ann,
      lastName: "Ray",
    });
    // Without a mask, what has a value.
    expect(await update({ firstName: "Anna" })).toMatchObject({
      ...ann,
      firstName: "Anna",
      lastName: "Ray",
    });
    // A mask can empty a field.
    expect(await update({}, "image_url")).toMatchObject({ imageUrl: "", firstName: "Anna" });
    const all = { ...ann, imageUrl: "" };
    expect(await update(all, "*")).toMatchObject(all);
    expect((await client.profiles.getProfile({ id })).profile).toMatchObject(all);
    // The server's own fields are not the caller's to change.
    const created = (await client.profiles.getProfile({ id })).profile;
    expect(await update({ createTime: { seconds: 1n }, updateTime: { seconds: 1n } })).toEqual(
      created,
    );
  });

  it("should refuse what it cannot change, by the path of the field", async () => {
    const { client } = await startServer();
    const { id } = await create(client);
    await create(client, { email: "ben@example.org" });
    const update = (profile: object, ...paths: string[]) =>
      refusal(
        client.profiles.updateProfile({ profile: { id, ...profile }, updateMask: { paths } }),
      );
    expect(await update({ email: "BEN@example.org" })).toMatchObject({
      code: Code.AlreadyExists,
      fields: ["profile.email"],
      info: { reason: "EMAIL_TAKEN" },
    });
    expect(await update({ firstName: "X", email: "ben" }, "first_name", "email")).toMatchObject({
      code: Code.InvalidArgument,
      fields: ["profile.email"],
    });
    expect(await update({}, "*")).toMatchObject({
      code: Code.InvalidArgument,
      fields: ["profile.first_name", "profile.last_name", "profile.email"],
    });
    expect(await update({ firstName: "X" }, "first_name", "create_time")).toMatchObject({
      code: Code.InvalidArgument,
      fields: ["update_mask"],
    });
    expect(await update({ id: "nobody", firstName: "X" })).toMatchObject({
      code: Code.NotFound,
      fields: ["profile.id"],
    });
    expect(await refusal(client.profiles.updateProfile({}))).toMatchObject({
      code: Code.InvalidArgument,
      fields: ["profile.id"],
    });
    expect((await client.profiles.getProfile({ id })).profile).toMatchObject(ann);
  });

  it("should take JSON, with its spelling of masks, and GET", async () => {
    const { url, client } = await startServer();
    const { id } = await create(client);
    const call = async (method: string, body: object) => {
      const response = await fetch(`${url}/profiles.v1.ProfileService/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await response.json()) as { profile: Record<string, string> };
    };
    const renamed = { profile: { id, firstName: "Anna", lastName: "Ray" } };
    const { profile } = await call("UpdateProfile", { ...renamed, updateMask: "firstName" });
    expect(profile).toMatchObject({ ...ann, id, firstName: "Anna" });
    expect(await call("UpdateProfile", { profile: { id, ...ann }, updateMask: "*" })).toMatchObject(
      {
        profile: ann,
      },
    );
    const query = new URLSearchParams({ encoding: "json", message: JSON.stringify({ id }) });
    const got = await fetch(`${url}/profiles.v1.ProfileService/GetProfile?${query}`);
    expect(await got.json()).toMatchObject({ profile: ann });
    expect(got.headers.get("cache-control")).toBe("private, no-store");
  });

  it("should page through all profiles, oldest first, with new ones at the end", async () => {
    const { client } = await startServer();
    const emails = Array.from({ length: 60 }, (_, index) => `${index}@example.org`);
    for (const email of emails.slice(0, 55)) await create(client, { email });
    const first = await client.profiles.listProfiles({});
    expect(first.profiles).toHaveLength(50);
    for (const email of emails.slice(55)) await create(client, { email });
    const seen = first.profiles.map(({ email }) => email);
    let pageToken = first.nextPageToken;
    while (pageToken !== "") {
      const page = await client.profiles.listProfiles({ pageSize: 5, pageToken });
      expect(page.profiles).toHaveLength(5);
      seen.push(...page.profiles.map(({ email }) => email));
      pageToken = page.nextPageToken;
    }
    expect(seen).toEqual(emails);
    expect(await refusal(client.profiles.listProfiles({ pageToken: "x" }))).toMatchObject({
      code: Code.InvalidArgument,
      fields: ["page_token"],
    });
  });

  it("should erase the viewer whose profile is deleted, and nobody who has none", async () => {
    const { client } = await startServer();
    const { id } = await create(client);
    await client.analytics.logView({ videoName: "sintel", viewerId: id });
    await client.analytics.logView({ videoName: "sintel", viewerId: "no profile" });
    expect(await client.profiles.deleteProfile({ id })).toMatchObject({ deleted: true });
    expect(await client.profiles.deleteProfile({ id: "no profile" })).toMatchObject({
      deleted: false,
    });
    const stats = await client.analytics.getViewStats({ videoName: "sintel" });
    expect(stats).toMatchObject({ views: 1n, uniqueViewers: 1n });
    expect(await client.analytics.eraseViewer({ viewerId: id })).toMatchObject({
      viewsErased: 0n,
    });
  });
});
