import { Code } from "@connectrpc/connect";
import type { ServerReflectionRequest } from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import type { ServerReflectionRequest as AlphaRequest } from "../../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { shortName } from "../served.ts";
import type { DescribedFile, DescriptorIndex } from "./descriptor-index.ts";

/** A request of either version: they differ in nothing but their names. */
export type ReflectionRequest = ServerReflectionRequest | AlphaRequest;

/** An answer to a request, in the version of the request. */
export interface ReflectionAnswer<R extends ReflectionRequest> {
  validHost: string;
  originalRequest: R;
  messageResponse: Content;
}

/** Plain objects, because the messages of the two versions have types of their own. */
type Content =
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | {
      case: "allExtensionNumbersResponse";
      value: { baseTypeName: string; extensionNumber: number[] };
    }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

/** What the answers of a stream are taken from. */
export interface Described {
  /** The full names of the services. */
  readonly services: readonly string[];
  readonly index: DescriptorIndex;
}

/**
 * Answers one request. What does not exist is an answer too, so that the
 * stream goes on.
 *
 * @param sent the paths of the files that the stream has sent, which gets those
 *   of this answer. They are not sent again as imports of another file.
 */
export function answer<R extends ReflectionRequest>(
  request: R,
  described: Described,
  sent: Set<string>,
): ReflectionAnswer<R> {
  const messageResponse = contentFor(request.messageRequest, described, sent);
  return { validHost: request.host, originalRequest: request, messageResponse };
}

function contentFor(
  asked: ReflectionRequest["messageRequest"],
  { services, index }: Described,
  sent: Set<string>,
): Content {
  const filesOr = (file: DescribedFile | undefined, missing: string): Content =>
    file === undefined
      ? failed(Code.NotFound, missing)
      : {
          case: "fileDescriptorResponse",
          value: { fileDescriptorProto: withImports(file, index, sent) },
        };

  switch (asked.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return filesOr(index.file(asked.value), `there is no file ${shortName(asked.value)}`);
    case "fileContainingSymbol":
      return filesOr(index.declaring(asked.value), `there is no symbol ${shortName(asked.value)}`);
    case "fileContainingExtension": {
      const { containingType: type, extensionNumber: number } = asked.value;
      return filesOr(
        index.extending(type, number),
        `there is no extension ${number} of ${shortName(type)}`,
      );
    }
    case "allExtensionNumbersOfType": {
      const numbers = index.extensionNumbers(asked.value);
      if (numbers === undefined) {
        return failed(Code.NotFound, `there is no type ${shortName(asked.value)}`);
      }
      return {
        case: "allExtensionNumbersResponse",
        value: { baseTypeName: asked.value, extensionNumber: [...numbers] },
      };
    }
    case undefined:
      // What a later version of the protocol may ask for looks like this too.
      return failed(Code.Unimplemented, "the request asks for nothing that this server knows");
  }
}

/** The file first, even if the stream has it, then what it imports and the stream lacks. */
function withImports(file: DescribedFile, index: DescriptorIndex, sent: Set<string>): Uint8Array[] {
  const answered: Uint8Array[] = [];
  const wanted = new Set([file.name]);
  // A set grows while it is walked: in the end, the imports of imports are in it.
  for (const name of wanted) {
    const next = index.file(name);
    if (next === undefined) continue;
    if (next === file || !sent.has(name)) answered.push(next.bytes);
    sent.add(name);
    for (const path of next.imports) wanted.add(path);
  }
  return answered;
}

function failed(code: Code, errorMessage: string): Content {
  return { case: "errorResponse", value: { errorCode: code, errorMessage } };
}
