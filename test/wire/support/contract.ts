import { create, createFileRegistry, type DescService, type Message } from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  MethodOptions_IdempotencyLevel as IdempotencyLevel,
} from "@bufbuild/protobuf/wkt";

/**
 * A service of every kind of method, written down here so that the wire is
 * tested without any contract of the product:
 *
 *     message Note { string text = 1; int32 number = 2; bytes data = 3; }
 *     service Notes {
 *       rpc Say(Note) returns (Note);
 *       rpc Read(Note) returns (Note) { option idempotency_level = NO_SIDE_EFFECTS; }
 *       rpc List(Note) returns (stream Note);
 *       rpc Collect(stream Note) returns (Note);
 *       rpc Chat(stream Note) returns (stream Note);
 *     }
 */
const file = create(FileDescriptorProtoSchema, {
  name: "wire/test.proto",
  package: "wire.test",
  syntax: "proto3",
  messageType: [
    {
      name: "Note",
      field: [
        field("text", 1, Type.STRING),
        field("number", 2, Type.INT32),
        field("data", 3, Type.BYTES),
      ],
    },
  ],
  service: [
    {
      name: "Notes",
      method: [
        method("Say", false, false),
        {
          ...method("Read", false, false),
          options: { idempotencyLevel: IdempotencyLevel.NO_SIDE_EFFECTS },
        },
        method("List", false, true),
        method("Collect", true, false),
        method("Chat", true, true),
      ],
    },
  ],
});

function field(name: string, number: number, type: Type) {
  return { name, number, type, label: Label.OPTIONAL, jsonName: name };
}

function method(name: string, clientStreaming: boolean, serverStreaming: boolean) {
  const note = ".wire.test.Note";
  return { name, inputType: note, outputType: note, clientStreaming, serverStreaming };
}

const registry = createFileRegistry(file, () => undefined);

/** A message of the contract. */
export type Note = Message<"wire.test.Note"> & { text: string; number: number; data: Uint8Array };

export const NoteSchema = registry.getMessage("wire.test.Note") as GenMessage<Note>;

interface Kind<K extends string> {
  methodKind: K;
  input: typeof NoteSchema;
  output: typeof NoteSchema;
}

export const Notes = registry.getService("wire.test.Notes") as DescService as GenService<{
  say: Kind<"unary">;
  read: Kind<"unary">;
  list: Kind<"server_streaming">;
  collect: Kind<"client_streaming">;
  chat: Kind<"bidi_streaming">;
}>;
