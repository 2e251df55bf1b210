import type { DescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** A field that a file adds to a message of another file. */
export interface ExtensionField {
  /** The full name of the message that is extended, without a leading dot. */
  readonly type: string;
  readonly number: number;
}

/**
 * The full names of all that a file declares: messages, fields, oneofs, enums,
 * their values, extensions, services and methods, at every depth.
 */
export function* symbolsIn(file: FileDescriptorProto): Generator<string> {
  yield* names(file.package, file.extension);
  yield* enumSymbols(file.package, file.enumType);
  for (const message of file.messageType) yield* messageSymbols(file.package, message);
  for (const service of file.service) {
    const name = fullName(file.package, service.name);
    yield name;
    yield* names(name, service.method);
  }
}

/** All extensions that a file declares, at every depth. */
export function* extensionsIn(
  scope: Pick<FileDescriptorProto, "extension" | "messageType">,
): Generator<ExtensionField> {
  for (const { extendee, number } of scope.extension) {
    yield { type: extendee.replace(/^\./, ""), number };
  }
  for (const { extension, nestedType } of scope.messageType) {
    yield* extensionsIn({ extension, messageType: nestedType });
  }
}

function* messageSymbols(scope: string, message: DescriptorProto): Generator<string> {
  const name = fullName(scope, message.name);
  yield name;
  yield* names(name, message.field);
  yield* names(name, message.oneofDecl);
  yield* names(name, message.extension);
  yield* enumSymbols(name, message.enumType);
  for (const nested of message.nestedType) yield* messageSymbols(name, nested);
}

function* enumSymbols(scope: string, enums: FileDescriptorProto["enumType"]): Generator<string> {
  yield* names(scope, enums);
  // The values of an enum are its siblings, as in C++: not its children.
  for (const { value } of enums) yield* names(scope, value);
}

function* names(scope: string, elements: readonly { readonly name: string }[]): Generator<string> {
  for (const { name } of elements) yield fullName(scope, name);
}

function fullName(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
