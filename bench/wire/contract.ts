import { create, createFileRegistry, type DescService, type Message } from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/**
 * The streams that are measured. No contract of the product has a stream that
 * any server could answer, so this one is written down here:
 *
 *     message Item { string text = 1; int32 number = 2; }
 *     service Streams {
 *       rpc List(Item) returns (stream Item);
 *       rpc Chat(stream Item) returns (stream Item);
 *     }
 *
 * List answers with as many items as `number` says, numbered from 1 (protobuf.js
 * puts zeros on the wire, and all answers should have the same size); Chat sends
 * each item back as it arrives.
 */
export const streamsFile = create(FileDescriptorProtoSchema, {
  name: "bench/streams.proto",
  package: "bench",
  syntax: "proto3",
  messageType: [
    { name: "Item", field: [field("text", 1, Type.STRING), field("number", 2, Type.INT32)] },
  ],
  service: [{ name: "Streams", method: [method("List", false), method("Chat", true)] }],
});

function field(name: string, number: number, type: Type) {
  return { name, number, type, label: Label.OPTIONAL, jsonName: name };
}

function method(name: string, clientStreaming: boolean) {
  const item = ".bench.Item";
  return { name, inputType: item, outputType: item, clientStreaming, serverStreaming: true };
}

const registry = createFileRegistry(streamsFile, () => undefined);

/** A message of the streams. */
export type Item = Message<"bench.Item"> & { text: string; number: number };

export const ItemSchema = registry.getMessage("bench.Item") as GenMessage<Item>;

interface Kind<K extends string> {
  methodKind: K;
  input: typeof ItemSchema;
  output: typeof ItemSchema;
}

export const Streams = registry.getService("bench.Streams") as DescService as GenService<{
  list: Kind<"server_streaming">;
  chat: Kind<"bidi_streaming">;
}>;
