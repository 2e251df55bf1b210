import { toBinary, type DescFile, type Message } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  type FileDescriptorProto,
  type FileDescriptorSet,
} from "@bufbuild/protobuf/wkt";
import { extensionsIn, symbolsIn } from "./declarations.ts";

/** A file that is described to clients. */
export interface DescribedFile {
  /** The path by which it is imported. */
  readonly name: string;
  /** Its FileDescriptorProto. */
  readonly bytes: Uint8Array;
  /** The paths that it imports. */
  readonly imports: readonly string[];
}

/** Where everything is declared that clients may ask for. Names are full names. */
export interface DescriptorIndex {
  /** The file with this path. */
  file(name: string): DescribedFile | undefined;
  /** The file that declares a symbol of any kind. */
  declaring(symbol: string): DescribedFile | undefined;
  /** The file that extends a message with a field of this number. */
  extending(type: string, number: number): DescribedFile | undefined;
  /** The numbers of all extensions of a type, ascending; undefined for an unknown type. */
  extensionNumbers(type: string): readonly number[] | undefined;
}

/**
 * Describes some files and all that they import, directly or not.
 *
 * @param set is where a file is taken from if it is there. What it has
 *   besides is left out: clients are told what they can use, nothing else.
 */
export function indexDescriptors(
  files: Iterable<DescFile>,
  set: FileDescriptorSet,
): DescriptorIndex {
  const described = new Map<string, DescribedFile>();
  const symbols = new Map<string, DescribedFile>();
  const extensions = new Map<string, Map<number, DescribedFile>>();

  for (const proto of reachable(files, set)) {
    const { name, dependency: imports } = proto;
    const bytes = toBinary(FileDescriptorProtoSchema, withoutImageFields(proto));
    const file = { name, bytes, imports };
    described.set(name, file);
    for (const symbol of symbolsIn(proto)) symbols.set(symbol, file);
    for (const { type, number } of extensionsIn(proto)) {
      const ofType = extensions.get(type) ?? new Map<number, DescribedFile>();
      extensions.set(type, ofType.set(number, file));
    }
  }

  return {
    file: (name) => described.get(name),
    declaring: (symbol) => symbols.get(symbol),
    extending: (type, number) => extensions.get(type)?.get(number),
    extensionNumbers: (type) => {
      const ofType = extensions.get(type);
      if (ofType === undefined) return symbols.has(type) ? [] : undefined;
      return [...ofType.keys()].toSorted((a, b) => a - b);
    },
  };
}

/** The files and their imports, each once, preferably from the set. */
function reachable(files: Iterable<DescFile>, set: FileDescriptorSet): FileDescriptorProto[] {
  const known = new Map<string, FileDescriptorProto>();
  const learn = (file: DescFile): void => {
    if (known.has(file.proto.name)) return;
    known.set(file.proto.name, file.proto);
    for (const dependency of file.dependencies) learn(dependency);
  };
  for (const file of files) learn(file);
  const wanted = new Set(known.keys());
  for (const file of set.file) known.set(file.name, file);

  const found: FileDescriptorProto[] = [];
  // A set grows while it is walked: in the end, the imports of imports are in it.
  for (const name of wanted) {
    const file = known.get(name);
    if (file === undefined) continue;
    found.push(file);
    for (const dependency of file.dependency) wanted.add(dependency);
  }
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
