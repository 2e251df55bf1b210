import { execFileSync } from "node:child_process";
import { createFileRegistry, fromBinary, type DescMessage } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { openApiDocument, type OpenApiOptions } from "../../../../src/wire/openapi/openapi.ts";

const folder = new URL(".", import.meta.url).pathname;

/** mapping.proto as `buf build` makes it, with comments. */
const image = execFileSync("node_modules/.bin/buf", ["build", folder, "-o", "-"]);

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));

/** wire.mapping.Sample */
export const Sample = registry.getMessage("wire.mapping.Sample") as DescMessage;

/** What a part of a document has, whatever it is. */
export interface Part {
  readonly [key: string]: Part;
}

/** The document of wire.mapping.Mapper. */
export function documentOfMapper(options: Partial<OpenApiOptions> = {}): Part {
  const service = registry.getService("wire.mapping.Mapper");
  if (service === undefined) throw new Error("mapping.proto has no Mapper");
  const document: unknown = openApiDocument({
    services: [service],
    descriptors: image,
    info: { title: "Mapper", version: "1.2.3" },
    allowUnknownFields: false,
    ...options,
  });
  return document as Part;
}
