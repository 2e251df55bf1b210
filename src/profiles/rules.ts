import { create } from "@bufbuild/protobuf";
import { ProfileSchema } from "../../gen/profiles/v1/profile_pb.js";
import {
  CreateProfileRequestSchema,
  DeleteProfileRequestSchema,
  GetProfileRequestSchema,
  ListProfilesRequestSchema,
  UpdateProfileRequestSchema,
  type UpdateProfileRequest,
} from "../../gen/profiles/v1/profile_service_pb.js";
import * as check from "../rules.ts";
import { emailForm } from "./email.ts";
import { knownPaths, maskedFields, unknownPath } from "./mask.ts";
import type { ProfileFields } from "./profile.ts";

/** The bounds of profiles.v1, as its proto files give them. */

const id = check.text({ min: 1, max: 128 });

const name = check.text({ min: 1, max: 100 });

const email = check.text({
  min: 1,
  max: 254,
  pattern: [
    emailForm,
    "Must be an email address: something, one @ and a host, with neither spaces nor control characters.",
  ],
});

const urlLength = check.text({ max: 2_048 });

const imageUrl: check.Check<string> = (value, path, report) => {
  urlLength(value, path, report);
  // The parser takes more than what is a URL as it stands: spaces around it, and no slashes.
  if (value === "" || (/^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(value) && URL.canParse(value)))
    return;
  report({ field: path, description: "Must be a URL that begins with http:// or https://." });
};

const bounds: { readonly [Field in keyof ProfileFields]: check.Check<string> } = {
  firstName: name,
  lastName: name,
  email,
  imageUrl,
};

/** The bounds of the fields that are to be changed: all others are ignored. */
const updateProfile: check.Check<UpdateProfileRequest> = (request, _path, report) => {
  const profile = request.profile ?? create(ProfileSchema);
  id(profile.id, "profile.id", report);
  for (const field of maskedFields(request)) {
    bounds[field](profile[field], `profile.${ProfileSchema.field[field].name}`, report);
  }
  const unknown = unknownPath(request);
  if (unknown !== undefined) {
    const named = JSON.stringify(unknown.slice(0, 64));
    report({
      field: "update_mask",
      description: `${named} is nothing that can be changed: there are ${knownPaths}.`,
    });
  }
};

export const profileRules: readonly check.Rules[] = [
  check.rules(CreateProfileRequestSchema, bounds),
  check.rules(GetProfileRequestSchema, { id }),
  { schema: UpdateProfileRequestSchema, check: updateProfile },
  check.rules(ListProfilesRequestSchema, {
    pageSize: check.integer({ min: 1, max: 1_000, zeroIsDefault: true }),
    pageToken: check.pageToken,
  }),
  check.rules(DeleteProfileRequestSchema, { id }),
];
