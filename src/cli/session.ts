import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Command } from "commander";
import type { MarqueeClient, RetryOptions } from "../client/index.ts";
import type { FieldNames } from "./call-failure.ts";
import { Failure, oneLine } from "./failure.ts";
import type { GlobalOptions } from "./options.ts";
import { print } from "./output.ts";

/** What a command has while it talks to the server. */
export interface Session {
  readonly client: MarqueeClient;
  readonly options: GlobalOptions;
  /** Writes the answer to stdout: as JSON if asked for, else as `text` has it. */
  answer(message: Message, text: () => string): void;
}

/** What commands differ in, beyond what they call. */
export interface SessionOptions {
  /** What the user calls fields of its requests. Default: what the server does. */
  readonly names?: FieldNames;
  /** Default: 3 attempts. */
  readonly retry?: RetryOptions;
}

/**
 * Runs a command with a client of the server that its options name, and ends
 * the connection after it.
 *
 * @throws Failure saying what went wrong with a call.
 */
export async function withServer(
  command: Command,
  { names = {}, retry = { attempts: 3 } }: SessionOptions,
  run: (session: Session) => Promise<void>,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  // Loaded here, so that --help and usage errors do not wait for it.
  const [{ createMarqueeClient, services }, { toJson }, { callFailure }] = await Promise.all([
    import("../client/index.ts"),
    import("@bufbuild/protobuf"),
    import("./call-failure.ts"),
  ]);
  const outputs = new Map<string, DescMessage>(
    Object.values(services).flatMap((service) =>
      service.methods.map(({ output }) => [output.typeName, output] as const),
    ),
  );
  const answer = (message: Message, text: () => string): void => {
    const schema = outputs.get(message.$typeName);
    if (!options.json || schema === undefined) print(text());
    else print(JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true })));
  };
  let client: MarqueeClient;
  try {
    client = createMarqueeClient({
      url: options.url,
      // An error about a thousand rows does not fit into gRPC's trailers.
      protocol: "connect",
      timeoutMs: options.timeout * 1_000,
      retry,
    });
  } catch (error) {
    throw new Failure(`--url: ${oneLine(error)}`);
  }
  try {
    await run({ client, options, answer });
  } catch (error) {
    throw callFailure(error, options, names);
  } finally {
    client.close();
  }
}
