import type { UpdateProfileRequest } from "../../gen/profiles/v1/profile_service_pb.js";
import type { ProfileFields } from "./profile.ts";

/** The fields of a profile that can be changed, by their paths in a mask. */
const fields: ReadonlyMap<string, keyof ProfileFields> = new Map([
  ["first_name", "firstName"],
  ["last_name", "lastName"],
  ["email", "email"],
  ["image_url", "imageUrl"],
]);

/** Stands for all fields. */
const ALL = "*";

/** What a mask may have, for people. */
export const knownPaths = `${[...fields.keys()].join(", ")}, and ${JSON.stringify(ALL)} for all of them`;

/** The first path of the mask that is none which can be changed. */
export function unknownPath({ updateMask }: UpdateProfileRequest): string | undefined {
  return updateMask?.paths.find((path) => path !== ALL && !fields.has(path));
}

/**
 * The fields that a request changes, each once: those that its mask names, or
 * without a mask those that it has a value for. Unknown paths are passed over.
 */
export function maskedFields({
  profile,
  updateMask,
}: UpdateProfileRequest): (keyof ProfileFields)[] {
  const paths = new Set(updateMask?.paths);
  return [...fields]
    .filter(([path, field]) => {
      if (paths.size === 0) return profile !== undefined && profile[field] !== "";
      return paths.has(path) || paths.has(ALL);
    })
    .map(([, field]) => field);
}
