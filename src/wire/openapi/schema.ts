import type { JsonObject } from "@bufbuild/protobuf";

/** A JSON Schema of draft 2020-12, which is what OpenAPI 3.1 has. */
export type Schema = JsonObject;

/**
 * Where a message is written. Requests may leave out every field, and may write
 * some values in more than one way; answers have each field that has no
 * presence, in one way; what details of errors have for people to read leaves
 * out what is zero.
 */
export type Form = "request" | "response" | "detail";

/** A reference to a component. */
export function reference(kind: string, name: string): Schema {
  return { $ref: `#/components/${kind}/${name}` };
}

/** Paragraphs, of those that say something. */
export function paragraphs(...texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n\n");
}

/** The entry "description", unless there is nothing to say. */
export function described(text: string): { readonly description?: string } {
  return text === "" ? {} : { description: text };
}
