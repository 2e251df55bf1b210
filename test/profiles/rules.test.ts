import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import * as proto from "../../gen/profiles/v1/profile_service_pb.js";
import { profileRules } from "../../src/profiles/rules.ts";
import { RuleBook } from "../../src/rules.ts";

const book = new RuleBook([profileRules]);

/** The fields that are refused, with what is said of them. */
function refused<D extends DescMessage>(schema: D, init: MessageInitShape<D>): string[] {
  return book
    .violations(schema, create(schema, init))
    .map(({ field, description }) => `${field}: ${description}`);
}

const long = (length: number): string => "x".repeat(length);
const ann = { firstName: "Ann", lastName: "Lee", email: "ann@example.org" };

const required = "Required: it must not be empty.";
const noAddress =
  "email: Must be an email address: something, one @ and a host, with neither spaces nor control characters.";
const noUrl = "image_url: Must be a URL that begins with http:// or https://.";

describe("the bounds of profiles", () => {
  it("should cover every request that has a field", () => {
    const bare = proto.ProfileService.methods.filter(({ input }) => !book.has(input));
    expect(bare).toEqual([]);
  });

  it.each([
    [ann, []],
    [{}, [`first_name: ${required}`, `last_name: ${required}`, `email: ${required}`]],
    [{ ...ann, firstName: "🎬".repeat(100), lastName: long(100) }, []],
    [{ ...ann, firstName: long(101) }, ["first_name: At most 100 characters, not 101."]],
    [{ ...ann, lastName: long(101) }, ["last_name: At most 100 characters, not 101."]],
    [{ ...ann, email: `${long(252)}@x` }, []],
    [{ ...ann, email: `${long(253)}@x` }, ["email: At most 254 characters, not 255."]],
    [{ ...ann, email: "ann" }, [noAddress]],
    [{ ...ann, email: "ann@x@y" }, [noAddress]],
    [{ ...ann, imageUrl: "https://example.org/ann.png?size=1#top" }, []],
    [{ ...ann, imageUrl: "HTTP://[::1]:8080" }, []],
    [{ ...ann, imageUrl: `https://x/${long(2_038)}` }, []],
    [
      { ...ann, imageUrl: `https://x/${long(2_039)}` },
      ["image_url: At most 2048 characters, not 2049."],
    ],
    [{ ...ann, imageUrl: "ann.png" }, [noUrl]],
    [{ ...ann, imageUrl: "//example.org/ann.png" }, [noUrl]],
    [{ ...ann, imageUrl: "https:example.org" }, [noUrl]],
    [{ ...ann, imageUrl: "https://" }, [noUrl]],
    [{ ...ann, imageUrl: "https://exa mple.org" }, [noUrl]],
    [{ ...ann, imageUrl: " https://example.org" }, [noUrl]],
    [{ ...ann, imageUrl: "javascript:alert('https://example.org')" }, [noUrl]],
    [{ ...ann, imageUrl: "data:image/png;base64,AA" }, [noUrl]],
    [{ ...ann, imageUrl: "ftp://example.org" }, [noUrl]],
  ])("should check CreateProfile, case %#", (init, expected) => {
    expect(refused(proto.CreateProfileRequestSchema, init)).toEqual(expected);
  });

  const bad = { id: "a", firstName: long(101), lastName: "", email: "ann", imageUrl: "ann.png" };

  it.each([
    [bad, [], ["profile.first_name", "profile.email", "profile.image_url"]],
    [bad, ["*"], ["profile.first_name", "profile.last_name", "profile.email", "profile.image_url"]],
    [bad, ["email"], ["profile.email"]],
    [bad, ["last_name", "image_url", "last_name"], ["profile.last_name", "profile.image_url"]],
    [{ ...bad, email: "ann@example.org" }, ["email"], []],
    [{ id: "a" }, [], []],
    [{ id: "a" }, ["image_url"], []],
    [{ id: "a" }, ["email"], ["profile.email"]],
    [{}, [], ["profile.id"]],
    [{ id: long(129) }, [], ["profile.id"]],
    [undefined, [], ["profile.id"]],
    [undefined, ["email"], ["profile.id", "profile.email"]],
    [{ id: "a" }, ["id"], ["update_mask"]],
    [{ id: "a" }, ["create_time"], ["update_mask"]],
    [{ id: "a" }, ["profile.email"], ["update_mask"]],
    [
      { id: "a" },
      ["*", ""],
      ["profile.first_name", "profile.last_name", "profile.email", "update_mask"],
    ],
    [{ ...bad, id: "" }, ["email", "nope"], ["profile.id", "profile.email", "update_mask"]],
  ])("should check UpdateProfile, case %#", (profile, paths, expected) => {
    const init = { ...(profile === undefined ? {} : { profile }), updateMask: { paths } };
    const fields = refused(proto.UpdateProfileRequestSchema, init).map((v) => v.split(": ")[0]);
    expect(fields).toEqual(expected);
  });

  it("should say what a mask may name, and little of what it names", () => {
    const updateMask = { paths: [long(100_000)] };
    const [violation] = refused(proto.UpdateProfileRequestSchema, {
      profile: { id: "a" },
      updateMask,
    });
    expect(violation).toBe(
      `update_mask: "${long(64)}" is nothing that can be changed: there are first_name, last_name, email, image_url, and "*" for all of them.`,
    );
  });

  it.each([
    [proto.GetProfileRequestSchema, { id: long(128) }, []],
    [proto.GetProfileRequestSchema, {}, [`id: ${required}`]],
    [proto.GetProfileRequestSchema, { id: long(129) }, ["id: At most 128 characters, not 129."]],
    [proto.DeleteProfileRequestSchema, {}, [`id: ${required}`]],
    [proto.DeleteProfileRequestSchema, { id: long(129) }, ["id: At most 128 characters, not 129."]],
    [proto.ListProfilesRequestSchema, { pageSize: 1_000, pageToken: long(4_096) }, []],
    [
      proto.ListProfilesRequestSchema,
      { pageSize: 1_001 },
      ["page_size: From 1 to 1000, not 1001."],
    ],
    [proto.ListProfilesRequestSchema, { pageSize: -1 }, ["page_size: From 1 to 1000, not -1."]],
    [
      proto.ListProfilesRequestSchema,
      { pageToken: long(4_097) },
      ["page_token: At most 4096 characters, not 4097."],
    ],
  ])("should check the other requests, case %#", (schema: DescMessage, init, expected) => {
    expect(refused(schema, init)).toEqual(expected);
  });
});
