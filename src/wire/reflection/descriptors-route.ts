import { create, fromBinary, toBinary, type DescService } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { FastifyInstance } from "fastify";
import { addDocument } from "../document.ts";
import { describedFiles } from "./described-files.ts";

/**
 * Serves GET /descriptors.binpb: all that reflection tells, as one
 * google.protobuf.FileDescriptorSet, for whoever cannot speak reflection, as no
 * browser can. Each file is in it once, after its imports.
 *
 * @param services what is described, and the google.rpc types that errors have
 *   as details.
 * @param descriptors see ReflectionOptions.
 */
export function addDescriptors(
  fastify: FastifyInstance,
  services: readonly DescService[],
  descriptors: Uint8Array,
): void {
  addDocument(fastify, "/descriptors.binpb", {
    contentType: "application/x-protobuf",
    make: () => {
      const set = fromBinary(FileDescriptorSetSchema, descriptors);
      const file = [...describedFiles(services, set)];
      return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
    },
  });
}
