import type { DescMessage } from "@bufbuild/protobuf";
import { AnySchema, FieldMaskSchema, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { glob } from "node:fs/promises";

function isMessageType(value: unknown): value is DescMessage {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "message";
}

/** All message types of the contract, and the common ones of google.protobuf. */
export async function contractTypes(): Promise<DescMessage[]> {
  const types: DescMessage[] = [AnySchema, FieldMaskSchema, StructSchema, ValueSchema];
  const gen = new URL("../../../../gen/", import.meta.url);
  for await (const path of glob("**/*_pb.js", { cwd: gen.pathname })) {
    const module = (await import(new URL(path, gen).href)) as Record<string, unknown>;
    types.push(...Object.values(module).filter(isMessageType));
  }
  return types;
}
