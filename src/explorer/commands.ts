import type { DescMethod, JsonValue, Message, Registry } from "@bufbuild/protobuf";
import { answersStream, takesStream } from "./contract.ts";
import { writeJson } from "./json-text.ts";
import type { CallOptions, Header } from "./options.ts";
import { commandOf } from "./shell.ts";
import { typescriptOf } from "./typescript.ts";

/** A call to be written down. */
export interface WrittenCall {
  readonly method: DescMethod;
  /** Where the server is, without a slash at the end. */
  readonly baseUrl: string;
  /** The messages of the request as they were typed: one, unless the method takes a stream. */
  readonly values: readonly JsonValue[];
  /** The same, decoded. */
  readonly messages: readonly Message[];
  readonly registry: Registry;
  readonly headers: readonly Header[];
  readonly options: CallOptions;
}

/** A call in the words of a tool, or why it has none for it. */
export interface Command {
  readonly tool: string;
  readonly text?: string;
  readonly note?: string;
}

/**
 * The same call for other tools. Each answers what the page does, over the
 * protocol that the tool is at home in.
 */
export function commandsOf(call: WrittenCall): Command[] {
  return [
    curl(call),
    { tool: "grpcurl", text: grpcurl(call), note: "Learns the contract by server reflection." },
    { tool: "buf curl", text: bufCurl(call), note: "Learns the contract by server reflection." },
    {
      tool: "TypeScript",
      text: typescriptOf(call),
      note: "For Node.js, with @connectrpc/connect-node and code from protoc-gen-es in ./gen.",
    },
  ];
}

function curl(call: WrittenCall): Command {
  const { method, options } = call;
  const tool = "curl";
  if (takesStream(method) || answersStream(method)) {
    const note =
      "The messages of a stream are framed in binary, which curl cannot do. Use buf curl instead.";
    return { tool, note };
  }
  const url = urlOf(call);
  const [value = {}] = call.values;
  const timeout = options.timeoutMs;
  // What curl takes for no value has to end with a semicolon.
  const headers = call.headers.map(([name, given]) => [
    "-H",
    given === "" ? `${name};` : `${name}: ${given}`,
  ]);
  if (timeout > 0) headers.push(["-H", `connect-timeout-ms: ${timeout}`]);
  if (options.get) {
    const query = ["-d", "encoding=json", "--data-urlencode", `message=${JSON.stringify(value)}`];
    return { tool, text: commandOf(["curl", "-sS", "-G", url], ...headers, query) };
  }
  const type = ["-H", "content-type: application/json"];
  const text = commandOf(["curl", "-sS", url], type, ...headers, ["-d", dataOf(call)]);
  return { tool, text, ...(options.protocol === "grpc-web" ? { note: "Over Connect." } : {}) };
}

function grpcurl(call: WrittenCall): string {
  const { method, options } = call;
  const { protocol, hostname, port } = new URL(call.baseUrl);
  const isPlain = protocol === "http:";
  const flags = [
    ...(isPlain ? ["-plaintext"] : []),
    "-emit-defaults",
    ...(options.timeoutMs > 0 ? ["-max-time", String(options.timeoutMs / 1_000)] : []),
  ];
  return commandOf(
    ["grpcurl", ...flags],
    ...call.headers.map(([name, value]) => ["-H", `${name}: ${value}`]),
    ["-d", dataOf(call)],
    [
      `${hostname}:${port === "" ? (isPlain ? "80" : "443") : port}`,
      `${method.parent.typeName}/${method.name}`,
    ],
  );
}

function bufCurl(call: WrittenCall): string {
  const { options } = call;
  const isPlain = call.baseUrl.startsWith("http:");
  const flags = [
    ...["--protocol", "grpc"],
    ...(isPlain ? ["--http2-prior-knowledge"] : []),
    "--emit-defaults",
    ...(options.timeoutMs > 0 ? ["--timeout", `${options.timeoutMs}ms`] : []),
  ];
  const headers = call.headers.map(([name, value]) => ["-H", csv(`${name}: ${value}`)]);
  return commandOf(
    ["buf", "curl", ...flags],
    ...headers,
    // Who may call is asked of reflection, too.
    ...(headers.length > 0 ? [["--reflect-header", "*"]] : []),
    ["-d", dataOf(call)],
    [urlOf(call)],
  );
}

/** buf reads the values of flags that can be given twice as lines of CSV. */
const csv = (value: string): string =>
  /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const urlOf = ({ baseUrl, method }: WrittenCall): string =>
  `${baseUrl}/${method.parent.typeName}/${method.name}`;

/** Messages one after the other; those that are long in lines. */
function dataOf({ values }: WrittenCall): string {
  return values
    .map((value) => {
      const line = JSON.stringify(value);
      return line.length <= 100 ? line : writeJson(value);
    })
    .join("\n");
}
