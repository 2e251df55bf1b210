import type { AnyDesc, DescField, DescOneof } from "@bufbuild/protobuf";
import { commentOf } from "../wire/reflection/comments.ts";

/** Whether its comment says that a value is needed. */
export function isRequired(field: DescField | DescOneof): boolean {
  // Of a oneof, it is the choice that may be needed.
  if (field.kind === "field" && field.oneof !== undefined) return false;
  const comment = commentOf(field);
  if (/\b(?:Default|Optional|Else)\b|^With\b/.test(comment)) return false;
  return /\bRequired\b|\bfrom 1 (?:to|character)|\bat least 1\b/i.test(comment);
}

/** The kind of a descriptor in plain words. */
export function kindName(desc: AnyDesc): string {
  return { rpc: "method", enum_value: "value", oneof: "choice" }[desc.kind as string] ?? desc.kind;
}
