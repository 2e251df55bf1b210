import { create, type DescFile, type DescService, type Message } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  type FileDescriptorProto,
  type FileDescriptorSet,
} from "@bufbuild/protobuf/wkt";
import { file_google_rpc_error_details } from "../../../gen/google/rpc/error_details_pb.js";

/**
 * The files of some services, that of the google.rpc types which errors have as
 * details, and all that they import, directly or not: each once, after its own
 * imports.
 *
 * @param set is where a file is taken from if it is there. What it has
 *   besides is left out: clients are told what they can use, nothing else.
 */
export function describedFiles(
  services: readonly DescService[],
  set: FileDescriptorSet,
): readonly FileDescriptorProto[] {
  const known = new Map<string, FileDescriptorProto>();
  const learn = (file: DescFile): void => {
    if (known.has(file.proto.name)) return;
    known.set(file.proto.name, file.proto);
    for (const dependency of file.dependencies) learn(dependency);
  };
  const roots = [...services.map(({ file }) => file), file_google_rpc_error_details];
  for (const file of roots) learn(file);
  for (const file of set.file) known.set(file.name, file);

  const found: FileDescriptorProto[] = [];
  const visited = new Set<string>();
  const visit = (name: string): void => {
    const file = known.get(name);
    if (file === undefined || visited.has(name)) return;
    visited.add(name);
    for (const dependency of file.dependency) visit(dependency);
    found.push(withoutImageFields(file));
  };
  for (const { proto } of roots) visit(proto.name);
  return found;
}

/**
 * An image of `buf build` says of each file where it came from, in a field that
 * FileDescriptorProto does not have, and that is nobody's business here.
 */
function withoutImageFields(file: FileDescriptorProto): FileDescriptorProto {
  const { $unknown }: Pick<Message, "$unknown"> = file;
  if ($unknown === undefined) return file;
  // Not spread: the defaults of fields that are not set are on the prototype.
  return Object.assign(create(FileDescriptorProtoSchema), file, {
    $unknown: $unknown.filter(({ no }) => no !== bufImageField),
  });
}

const bufImageField = 8042;
