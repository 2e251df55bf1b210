import { create, fromBinary, toBinary, type DescService } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { FastifyInstance } from "fastify";
import { file_google_rpc_error_details } from "../../../gen/google/rpc/error_details_pb.js";
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
      const files = [...services.map(({ file }) => file), file_google_rpc_error_details];
      const file = [...describedFiles(files, fromBinary(FileDescriptorSetSchema, descriptors))];
      return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
    },
  });
}
