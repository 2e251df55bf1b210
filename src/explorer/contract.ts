import {
  createFileRegistry,
  createRegistry,
  fromBinary,
  type DescEnum,
  type DescMessage,
  type DescMethod,
  type DescService,
  type Registry,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.js";

/** All that a server offers, as its descriptors tell it. */
export interface Contract {
  readonly services: readonly DescService[];
  readonly messages: readonly DescMessage[];
  readonly enums: readonly DescEnum[];
  /** Every type by its name: those of error details, too. */
  readonly registry: Registry;
}

/**
 * Reads a google.protobuf.FileDescriptorSet, such as `buf build` writes. Throws
 * if it is none, or lacks a file that another one imports.
 */
export function readContract(descriptors: Uint8Array): Contract {
  const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  const all = [...files];
  return {
    services: all.filter((desc) => desc.kind === "service").toSorted(ownFirst),
    messages: all
      .filter((desc) => desc.kind === "message")
      .filter((desc) => desc.proto.options?.mapEntry !== true)
      .toSorted(byName),
    enums: all.filter((desc) => desc.kind === "enum").toSorted(byName),
    // No method names the types of error details, so descriptors seldom have them.
    // What the server says itself comes last: it has comments.
    registry: createRegistry(file_google_rpc_error_details, files),
  };
}

/** What a server is for comes first, and what all servers have last. */
function ownFirst(a: DescService, b: DescService): number {
  return rankOf(a) - rankOf(b) || byName(a, b);
}

/** Services without a package are for trying out, mostly. */
function rankOf({ file }: DescService): number {
  if (file.proto.package === "") return 1;
  return file.proto.package.startsWith("grpc.") ? 2 : 0;
}

function byName(a: { typeName: string }, b: { typeName: string }): number {
  return a.typeName.localeCompare(b.typeName);
}

/** What a URL can name. */
export type Subject = DescService | DescMethod | DescMessage | DescEnum;

/** Finds what a path such as "pkg.Service/Method" or "pkg.Message" names. */
export function findSubject(contract: Contract, path: string): Subject | undefined {
  const [typeName = "", method] = path.split("/");
  if (method === undefined) {
    const desc = contract.registry.get(typeName);
    return desc?.kind === "extension" ? undefined : desc;
  }
  return contract.registry
    .getService(typeName)
    ?.methods.find((candidate) => candidate.name === method);
}

/** Whether a method takes a stream of messages. */
export function takesStream({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}

/** Whether a method answers with a stream of messages. */
export function answersStream({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}

/** Whether a method only reads, so that Connect can call it with GET if it is unary. */
export function isRead({ idempotency }: DescMethod): boolean {
  return idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

/** Whether a method says that it can be called again with the same effect. */
export function isIdempotent({ idempotency }: DescMethod): boolean {
  return idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENT;
}

/** Whether a method can be called with GET. */
export function takesGet(method: DescMethod): boolean {
  return method.methodKind === "unary" && isRead(method);
}

/** What each kind of method is called. */
export const methodKinds: Readonly<Record<DescMethod["methodKind"], string>> = {
  unary: "unary",
  server_streaming: "server stream",
  client_streaming: "client stream",
  bidi_streaming: "bidi stream",
};
