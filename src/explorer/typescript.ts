import type { DescEnum, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { answersStream, takesStream } from "./contract.ts";
import type { WrittenCall } from "./commands.ts";
import { messageLiteral, type Names } from "./literals.ts";

/**
 * A call as a program for Node.js, with the clients of Connect and the code that
 * protoc-gen-es generates, which is in ./gen.
 */
export function typescriptOf(call: WrittenCall): string {
  const { method, messages, registry, options } = call;
  const imports = new Imports();
  const service = imports.type(method.parent);
  const output = imports.schema(method.output);
  const create = imports.named("@connectrpc/connect", "createClient");
  const isWeb = options.protocol === "grpc-web";
  const transport = imports.named(
    "@connectrpc/connect-node",
    isWeb ? "createGrpcWebTransport" : "createConnectTransport",
  );
  const write = imports.named("@bufbuild/protobuf", "toJsonString");
  const literals = messages.map((message) =>
    messageLiteral(method.input, message, registry, imports, takesStream(method) ? "  " : ""),
  );

  const lines: string[] = [];
  if (takesStream(method)) {
    const shape = imports.named("@bufbuild/protobuf", "type MessageInitShape");
    const input = imports.schema(method.input);
    lines.push(
      `async function* requests(): AsyncIterable<${shape}<typeof ${input}>> {`,
      ...literals.map((literal) => `  yield ${literal};`),
      "}",
    );
  }
  const settings = [
    `  baseUrl: ${JSON.stringify(call.baseUrl)},`,
    // Requests and answers in turns need HTTP/2.
    `  httpVersion: ${method.methodKind === "bidi_streaming" ? '"2"' : '"1.1"'},`,
    `  useBinaryFormat: ${options.encoding === "binary"},`,
    ...(options.get ? ["  useHttpGet: true,"] : []),
  ];
  lines.push(
    `const client = ${create}(${service}, ${transport}({`,
    ...settings,
    "}));",
    "const format = { prettySpaces: 2, alwaysEmitImplicit: true };",
  );
  const request = takesStream(method) ? "requests()" : (literals[0] ?? "{}");
  const called = `client.${method.localName}(${[request, ...callOptions(call)].join(", ")})`;
  if (answersStream(method)) {
    lines.push(
      `for await (const response of ${called}) {`,
      `  console.log(${write}(${output}, response, format));`,
      "}",
    );
  } else {
    lines.push(
      `const response = await ${called};`,
      `console.log(${write}(${output}, response, format));`,
    );
  }
  return `${imports.toString()}\n\n${lines.join("\n")}\n`;
}

function callOptions({ headers, options: { timeoutMs } }: WrittenCall): string[] {
  const parts = [
    ...(timeoutMs > 0 ? [`timeoutMs: ${timeoutMs}`] : []),
    ...(headers.length > 0 ? [`headers: ${JSON.stringify(headers)}`] : []),
  ];
  return parts.length === 0 ? [] : [`{ ${parts.join(", ")} }`];
}

/** The imports of a program, by the modules they are from. */
class Imports implements Names {
  readonly #modules = new Map<string, Map<string, string>>();
  readonly #taken = new Set(["client", "format", "requests", "response"]);

  /** Imports what a module exports; the name that it has here. */
  named(module: string, name: string): string {
    let names = this.#modules.get(module);
    if (names === undefined) this.#modules.set(module, (names = new Map()));
    const known = names.get(name);
    if (known !== undefined) return known;
    const own = name.replace(/^type /, "");
    let local = own;
    // Types of two packages may have the same name.
    for (let number = 2; this.#taken.has(local); number += 1) local = `${own}${number}`;
    this.#taken.add(local);
    names.set(name, local);
    return local;
  }

  type(desc: DescService | DescEnum): string {
    return this.named(moduleOf(desc.file), localName(desc));
  }

  schema(desc: DescMessage): string {
    return this.named(moduleOf(desc.file), `${localName(desc)}Schema`);
  }

  enum(desc: DescEnum): string {
    return this.type(desc);
  }

  base64Decode(): string {
    return this.named("@bufbuild/protobuf/wire", "base64Decode");
  }

  toString(): string {
    const modules = [...this.#modules].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return modules
      .map(([module, names]) => {
        const list = [...names].map(([name, local]) =>
          name.replace(/^type /, "") === local ? name : `${name} as ${local}`,
        );
        return `import { ${list.join(", ")} } from ${JSON.stringify(module)};`;
      })
      .join("\n");
  }
}

function moduleOf({ name }: DescFile): string {
  return name.startsWith("google/protobuf/") ? "@bufbuild/protobuf/wkt" : `./gen/${name}_pb.js`;
}

/** Types within others have the names of those before theirs. */
function localName(desc: DescService | DescEnum | DescMessage): string {
  const outer = desc.kind === "service" ? undefined : desc.parent;
  return outer === undefined ? desc.name : `${localName(outer)}_${desc.name}`;
}
