import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, type FileDescriptorProto } from "@bufbuild/protobuf/wkt";
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

/** Describes some files, which are all that clients are told of. */
export function indexDescriptors(files: readonly FileDescriptorProto[]): DescriptorIndex {
  const described = new Map<string, DescribedFile>();
  const symbols = new Map<string, DescribedFile>();
  const extensions = new Map<string, Map<number, DescribedFile>>();

  for (const proto of files) {
    const { name, dependency: imports } = proto;
    const bytes = toBinary(FileDescriptorProtoSchema, proto);
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
