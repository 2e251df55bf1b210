import { create, createFileRegistry, type DescMethodUnary, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FileDescriptorProto,
  SourceCodeInfoSchema,
} from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";

function field(name: string, number: number, typeName = "") {
  const type = typeName === "" ? Type.STRING : Type.MESSAGE;
  return { name, number, type, typeName, label: Label.OPTIONAL, jsonName: name };
}

function extension(name: string, number: number) {
  return { ...field(name, number), extendee: ".wire.base.Base" };
}

/** syntax = "proto2"; package wire.base; message Base { extensions 100 to 199; } */
const base = create(FileDescriptorProtoSchema, {
  name: "wire/base.proto",
  package: "wire.base",
  syntax: "proto2",
  messageType: [{ name: "Base", extensionRange: [{ start: 100, end: 200 }] }],
});

/**
 *     syntax = "proto2"; package wire.shelf; import "wire/base.proto";
 *     message Book {
 *       message Page { optional string text = 1; }
 *       enum Kind { NOVEL = 0; }
 *       extend wire.base.Base { optional string place = 101; }
 *       oneof cover { string cloth = 1; }
 *       optional Page page = 2;
 *       optional wire.base.Base base = 3;
 *     }
 *     enum Genre { CRIME = 0; }
 *     extend wire.base.Base { optional string note = 100; }
 *     service Shelf { rpc Take(Book) returns (Book); }
 */
const shelf = create(FileDescriptorProtoSchema, {
  name: "wire/shelf.proto",
  package: "wire.shelf",
  syntax: "proto2",
  dependency: ["wire/base.proto"],
  messageType: [
    {
      name: "Book",
      nestedType: [{ name: "Page", field: [field("text", 1)] }],
      enumType: [{ name: "Kind", value: [{ name: "NOVEL", number: 0 }] }],
      extension: [extension("place", 101)],
      oneofDecl: [{ name: "cover" }],
      field: [
        { ...field("cloth", 1), oneofIndex: 0 },
        field("page", 2, ".wire.shelf.Book.Page"),
        field("base", 3, ".wire.base.Base"),
      ],
    },
  ],
  enumType: [{ name: "Genre", value: [{ name: "CRIME", number: 0 }] }],
  extension: [extension("note", 100)],
  service: [
    {
      name: "Shelf",
      method: [{ name: "Take", inputType: ".wire.shelf.Book", outputType: ".wire.shelf.Book" }],
    },
  ],
});

/** Without a package: message Ping { optional string text = 1; } service Pinger { rpc Send(Ping) returns (Ping); } */
const pinger = create(FileDescriptorProtoSchema, {
  name: "pinger.proto",
  syntax: "proto3",
  messageType: [{ name: "Ping", field: [field("text", 1)] }],
  service: [
    { name: "Pinger", method: [{ name: "Send", inputType: ".Ping", outputType: ".Ping" }] },
  ],
});

/** What no service of the server has to do with. */
const stranger = create(FileDescriptorProtoSchema, {
  name: "stranger.proto",
  syntax: "proto3",
  messageType: [{ name: "Stranger" }],
});

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [base, shelf, pinger] }),
);

const method = (service: string, name: string): DescMethodUnary =>
  registry.getService(service)?.method[name] as DescMethodUnary;

/** Registers both services: they answer with what they got. */
export function shelfRoutes(router: ConnectRouter): void {
  router.rpc(method("wire.shelf.Shelf", "take"), (book) => book);
  router.rpc(method("Pinger", "send"), (ping) => ping);
}

/** What the comment of wire.shelf.Shelf says. */
export const shelfComment = " Where books are.\n";

/** A set of all files as `buf build` writes it: with comments, and with a field of its own. */
export function imageOfShelf(): Uint8Array {
  const sourceCodeInfo = create(SourceCodeInfoSchema, {
    location: [{ path: [6, 0], span: [0, 0, 1], leadingComments: shelfComment }],
  });
  const image = (file: FileDescriptorProto, more = {}) => ({
    ...file,
    ...more,
    $unknown: [{ no: 8042, wireType: 2, data: Uint8Array.of(2, 8, 1) }],
  });
  const file = [image(base), image(shelf, { sourceCodeInfo }), image(pinger), image(stranger)];
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
}
