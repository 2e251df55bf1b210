import {
  createFileRegistry,
  fromBinary,
  type DescMessage,
  type DescService,
  type FileRegistry,
  type Message,
} from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type {
  RequestInfo,
  Response,
  ServerRequest,
  ServerResponse,
  StreamRequest,
  UnaryRequest,
} from "./messages.ts";

type Method<Kind extends string, Input extends Message> = {
  methodKind: Kind;
  input: GenMessage<Input>;
  output: GenMessage<Response>;
};

/** The service that the suite calls. */
export type ConformanceService = GenService<{
  unary: Method<"unary", UnaryRequest>;
  serverStream: Method<"server_streaming", StreamRequest>;
  clientStream: Method<"client_streaming", UnaryRequest>;
  bidiStream: Method<"bidi_streaming", StreamRequest>;
  unimplemented: Method<"unary", UnaryRequest>;
  idempotentUnary: Method<"unary", UnaryRequest>;
}>;

/** The suite's contract, which is not ours to keep: it is read when it is needed. */
export interface Contract {
  readonly registry: FileRegistry;
  readonly service: ConformanceService;
  readonly requestInfo: GenMessage<RequestInfo>;
  readonly serverRequest: GenMessage<ServerRequest>;
  readonly serverResponse: GenMessage<ServerResponse>;
}

/** Reads the contract from an image, as buf builds it. */
export function readContract(image: Uint8Array): Contract {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const name = "connectrpc.conformance.v1";
  const message = <T extends Message>(type: string): GenMessage<T> =>
    required<DescMessage>(registry.getMessage(`${name}.${type}`)) as GenMessage<T>;
  const service = required<DescService>(registry.getService(`${name}.ConformanceService`));
  return {
    registry,
    service: service as ConformanceService,
    requestInfo: message("ConformancePayload.RequestInfo"),
    serverRequest: message("ServerCompatRequest"),
    serverResponse: message("ServerCompatResponse"),
  };
}

function required<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("this is not the contract of the conformance suite");
  return found;
}
