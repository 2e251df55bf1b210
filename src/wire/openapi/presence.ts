import type { DescField } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import type { Form } from "./schema.ts";

/**
 * Whether a field is in every message of this form: in answers, what cannot be
 * absent (scalars without "optional", lists, maps) is written even if it is
 * zero or empty. Requests need no field as far as descriptors tell.
 */
export function isFieldRequired({ presence, oneof }: DescField, form: Form): boolean {
  if (form !== "response" || oneof !== undefined) return false;
  return presence === Presence.IMPLICIT || presence === Presence.LEGACY_REQUIRED;
}
