import type { DescFile, Message } from "@bufbuild/protobuf";
import type { FileDescriptorProto, FileDescriptorSet } from "@bufbuild/protobuf/wkt";

/**
 * Some files and all that they import, directly or not, each once and after
 * its own imports.
 *
 * @param set is where a file is taken from if it is there. What it has
 *   besides is left out: clients are told what they can use, nothing else.
 */
export function describedFiles(
  files: Iterable<DescFile>,
  set: FileDescriptorSet,
): readonly FileDescriptorProto[] {
  const known = new Map<string, FileDescriptorProto>();
  const learn = (file: DescFile): void => {
    if (known.has(file.proto.name)) return;
    known.set(file.proto.name, file.proto);
    for (const dependency of file.dependencies) learn(dependency);
  };
  const roots = [...files];
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
  return { ...file, $unknown: $unknown.filter(({ no }) => no !== bufImageField) };
}

const bufImageField = 8042;
