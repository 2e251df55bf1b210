import { readFile } from "node:fs/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type GrpcObject,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceClientConstructor,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { streamsFile } from "../contract.ts";
import { logViewResponse } from "../samples.ts";
import type { StartServer } from "./server.ts";

interface Item {
  readonly text: string;
  readonly number: number;
}

const greet: handleUnaryCall<{ name: string }, object> = (call, callback) =>
  callback(null, { greeting: `Hello ${call.request.name}` });

const position = Number(logViewResponse.position);
const logView: handleUnaryCall<{ view_id: string }, object> = (call, callback) =>
  callback(null, { success: true, view_id: call.request.view_id, position });

const list: handleServerStreamingCall<Item, Item> = (call) => {
  const { text, number } = call.request;
  for (let n = 1; n <= number; n++) call.write({ text, number: n });
  call.end();
};

const chat: handleBidiStreamingCall<Item, Item> = (call) => {
  call.on("data", ({ text, number }: Item) => call.write({ text, number }));
  call.on("end", () => call.end());
};

/**
 * grpc-js with the codec that comes with it, protobuf.js through its
 * proto-loader, and with handlers as its guide writes them.
 */
export const startGrpcJs: StartServer = async () => {
  const contracts = await readFile(new URL("../../../gen/descriptors.binpb", import.meta.url));
  const ours = load(contracts);
  const bench = load(
    Buffer.from(
      toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [streamsFile] })),
    ),
  );
  const server = new Server();
  server.addService(serviceOf(ours, "Greeter"), { greet });
  server.addService(serviceOf(ours, "analytics.v1.AnalyticsService"), { logView });
  server.addService(serviceOf(bench, "bench.Streams"), { list, chat });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { http2: `http://127.0.0.1:${port}` };
};

function load(descriptors: Buffer): GrpcObject {
  return loadPackageDefinition(loadFileDescriptorSetFromBuffer(descriptors, { longs: Number }));
}

function serviceOf(root: GrpcObject, name: string): ServiceDefinition {
  let found: unknown = root;
  for (const part of name.split(".")) found = (found as GrpcObject)[part];
  return (found as ServiceClientConstructor).service;
}
