import type { DescMessage } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { codeToHttpStatus, codeToString } from "@connectrpc/connect/protocol-connect";
import { described, reference, type Schema } from "./schema.ts";
import type { Schemas } from "./messages.ts";

/** The schema of what a call answers that failed, by Connect's protocol. */
const errorSchema: Schema = reference("schemas", "connect.Error");

/**
 * The schemas of errors.
 *
 * @param details the types that are described, for who reads an error with a
 *   generated client. Others can be told by their name only.
 */
export function errorSchemas(
  details: readonly DescMessage[],
  { of }: Schemas,
): Record<string, Schema> {
  const typed = details.map((message) => {
    const name = `connect.ErrorDetail.${message.name}`;
    const debug = of({ message, form: "detail" });
    return [name, detailSchema({ type: "string", const: message.typeName }, debug)] as const;
  });
  const other = "connect.ErrorDetail.Other";
  const names = [...typed.map(([name]) => name), other];
  return {
    "connect.Code": {
      type: "string",
      description: "What went wrong, for programs: a code of gRPC.",
      enum: codes.map(codeToString),
    },
    "connect.Error": {
      type: "object",
      description: "Why a call failed.",
      properties: {
        code: reference("schemas", "connect.Code"),
        message: { type: "string", description: "What went wrong, for people." },
        details: {
          type: "array",
          description: "What else is known of it, for programs.",
          items: reference("schemas", "connect.ErrorDetail"),
        },
      },
      required: ["code"],
    },
    "connect.ErrorDetail": {
      description: "One message that tells more of an error; `type` says which.",
      anyOf: names.map((name) => reference("schemas", name)),
    },
    ...Object.fromEntries(typed),
    [other]: detailSchema({ type: "string", description: "The full name of its type." }, {}),
  };
}

function detailSchema(type: Schema, debug: Schema): Schema {
  return {
    type: "object",
    properties: {
      type,
      value: {
        type: "string",
        description: "The message in the binary encoding, in base64 without padding.",
        contentEncoding: "base64",
      },
      debug: { ...debug, ...described("The same message as JSON.") },
    },
    required: ["type", "value"],
  };
}

/** A call's answer that failed. */
export function errorResponse(headers: Schema): Schema {
  const lines = [...byStatus()].map(
    ([status, names]) => `- ${status}: ${names.map((name) => `\`${name}\``).join(", ")}`,
  );
  return {
    description: `The call failed. The HTTP status follows from the code:\n\n${lines.join("\n")}`,
    headers,
    content: { "application/json": { schema: errorSchema } },
  };
}

const codes = Object.values(Code).filter((code) => typeof code === "number");

/** The names of the codes that each HTTP status stands for. */
function byStatus(): Map<number, string[]> {
  const names = new Map<number, string[]>();
  const sorted = codes.toSorted((a, b) => codeToHttpStatus(a) - codeToHttpStatus(b));
  for (const code of sorted) {
    const status = codeToHttpStatus(code);
    names.set(status, [...(names.get(status) ?? []), codeToString(code)]);
  }
  return names;
}
