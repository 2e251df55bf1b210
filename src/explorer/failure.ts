import { fromBinary, toJson, type JsonValue, type Registry } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { Code, type ConnectError } from "@connectrpc/connect";
import { isBrokenInBrowser } from "../client/broken-in-browsers.ts";

/** How a call failed. */
export interface Failure {
  /** Such as "invalid_argument"; empty where the server did not answer, or its answer broke off. */
  readonly code: string;
  readonly message: string;
  readonly details: readonly Detail[];
  /** The fields at fault by their paths, as google.rpc.BadRequest has them. */
  readonly faultyFields: ReadonlyMap<string, string>;
}

/** A detail of an error: as JSON if its type is known, else its bytes in base64. */
interface Detail {
  readonly type: string;
  readonly value?: JsonValue;
  readonly bytes?: string;
}

/** What an error says, with all its details decoded that can be. */
export function failureOf(error: ConnectError, registry: Registry): Failure {
  if (isBrokenInBrowser(error.cause)) {
    const message = "The server cannot be reached.";
    return { code: "", message, details: [], faultyFields: new Map() };
  }
  const details = error.details.map((detail): Detail => {
    if ("desc" in detail) return { type: detail.desc.typeName };
    const { type, value } = detail;
    const desc = registry.getMessage(type);
    try {
      if (desc !== undefined) {
        return { type, value: toJson(desc, fromBinary(desc, value), { registry }) };
      }
    } catch {
      // Bytes that are no such message are shown as they are.
    }
    return { type, bytes: base64Encode(value) };
  });
  const code = Code[error.code] ?? String(error.code);
  return {
    code: code.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
    message: error.rawMessage,
    details,
    faultyFields: new Map(details.flatMap(violationsOf)),
  };
}

function violationsOf({ type, value }: Detail): [string, string][] {
  if (type !== "google.rpc.BadRequest") return [];
  const { fieldViolations = [] } = value as {
    fieldViolations?: readonly { field?: string; description?: string }[];
  };
  return fieldViolations.map(({ field = "", description = "" }) => [field, description]);
}
