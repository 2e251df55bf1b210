import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ProfileSchema } from "../../gen/profiles/v1/profile_pb.js";
import type { ProfileService } from "../../gen/profiles/v1/profile_service_pb.js";
import { callerOf, type Caller } from "../caller.ts";
import { notFound } from "../errors.ts";
import { pageToken, readPageToken } from "../page-token.ts";
import { maskedFields } from "./mask.ts";
import type { Profile } from "./profile.ts";
import type { Profiles } from "./profiles.ts";

const DEFAULT_PAGE_SIZE = 50;
/** What a page token is bound to: there is nothing to choose the profiles of a listing by. */
const FILTER = "profiles";

/** Erases the viewer of an id: all that is known of them but the profile. */
type EraseViewer = (caller: Caller, id: string) => Promise<unknown>;

/** The handlers of profiles.v1.ProfileService. */
export function profileService(
  profiles: Profiles,
  eraseViewer: EraseViewer,
): ServiceImpl<typeof ProfileService> {
  return {
    async createProfile({ firstName, lastName, email, imageUrl }, context) {
      const fields = { firstName, lastName, email, imageUrl };
      return { profile: profileMessage(await profiles.create(callerOf(context), fields)) };
    },

    async getProfile({ id }, context) {
      keepPrivate(context);
      const profile = await profiles.get(callerOf(context), id);
      if (profile === undefined) throw notFound("id", "profile", id);
      return { profile: profileMessage(profile) };
    },

    async updateProfile(request, context) {
      // The rules require an id, and so a profile.
      const { profile: values } = request;
      const changes = Object.fromEntries(
        maskedFields(request).map((field) => [field, values?.[field]]),
      );
      const profile = await profiles.update(callerOf(context), values?.id ?? "", changes);
      return { profile: profileMessage(profile) };
    },

    async listProfiles(request, context) {
      keepPrivate(context);
      const after = readPageToken(request.pageToken, FILTER, isId) ?? "";
      const limit = request.pageSize || DEFAULT_PAGE_SIZE;
      const found = await profiles.list(callerOf(context), { after, limit: limit + 1 });
      const page = found.slice(0, limit);
      return {
        profiles: page.map(profileMessage),
        nextPageToken: found.length > limit ? pageToken(FILTER, page.at(-1)?.id) : "",
      };
    },

    async deleteProfile({ id }, context) {
      const caller = callerOf(context);
      // Somebody who has no profile is not erased with one.
      if ((await profiles.get(caller, id)) === undefined) return { deleted: false };
      // The profile last: as long as it is there, the call can be made again.
      await eraseViewer(caller, id);
      return { deleted: await profiles.delete(caller, id) };
    },
  };
}

/** About persons: nobody between us and the caller may keep it. */
function keepPrivate({ responseHeader }: HandlerContext): void {
  responseHeader.set("cache-control", "private, no-store");
}

function profileMessage({
  createTime,
  updateTime,
  ...fields
}: Profile): MessageInitShape<typeof ProfileSchema> {
  return {
    ...fields,
    createTime: timestampFromMs(createTime),
    updateTime: timestampFromMs(updateTime),
  };
}

function isId(value: unknown): value is string {
  return typeof value === "string";
}
