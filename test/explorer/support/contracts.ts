import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import { findSubject, readContract, type Contract } from "../../../src/explorer/contract.ts";
import { outputOf } from "../../interop/support/foreign.ts";

/** What our own server offers. */
export const own: Contract = readContract(
  await readFile(new URL("../../../gen/descriptors.binpb", import.meta.url)),
);

/** What a proto file says, once buf has compiled it. */
export async function contractOf(proto: string): Promise<Contract> {
  const directory = await mkdtemp(join(tmpdir(), "marquee-contract-"));
  try {
    await writeFile(join(directory, "test.proto"), `syntax = "proto3";\npackage test;\n${proto}`);
    const image = join(directory, "image.binpb");
    await outputOf("node_modules/.bin/buf", ["build", directory, "-o", image]);
    return readContract(await readFile(image));
  } finally {
    await rm(directory, { recursive: true });
  }
}

export function methodIn(contract: Contract, path: string): DescMethod {
  const subject = findSubject(contract, path);
  if (subject?.kind !== "rpc") throw new Error(`${path} is no method`);
  return subject;
}

export function messageIn(contract: Contract, typeName: string): DescMessage {
  const desc = contract.registry.getMessage(typeName);
  if (desc === undefined) throw new Error(`${typeName} is no message`);
  return desc;
}

/** A proto file with everything that a field can be. */
export const everything = `
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

service Everything {
  rpc Do(Thing) returns (Thing);
  rpc DoMany(stream Thing) returns (Thing);
}

enum Color {
  COLOR_UNSPECIFIED = 0;
  COLOR_RED = 1;
  COLOR_BLUE = 2;
}

message Thing {
  // Required.
  string first_name = 1;
  int32 count = 2;
  int64 position = 3;
  uint64 size = 4;
  double ratio = 5;
  float part = 6;
  bool is_new = 7;
  optional bool is_old = 8;
  bytes content = 9;
  Color color = 10;
  repeated Color colors = 11;
  repeated int64 positions = 12;
  map<string, int32> counts = 13;
  map<int32, Thing> things = 14;
  map<bool, string> words = 15;
  Thing thing = 16;
  repeated Thing more_things = 17;
  oneof choice {
    Thing other = 18;
    string text = 19;
    Color paint = 20;
  }
  google.protobuf.Timestamp time = 21;
  google.protobuf.Duration duration = 22;
  google.protobuf.FieldMask mask = 23;
  google.protobuf.Struct struct = 24;
  google.protobuf.Value value = 25;
  google.protobuf.ListValue list = 26;
  google.protobuf.StringValue string_value = 27;
  google.protobuf.Int64Value int64_value = 28;
  google.protobuf.BoolValue bool_value = 29;
  google.protobuf.Any any = 30;
  optional string note = 31;
  message Inner {
    enum Kind {
      KIND_UNSPECIFIED = 0;
      KIND_ONE = 1;
    }
    Kind kind = 1;
  }
  Inner inner = 32;
}
`;
