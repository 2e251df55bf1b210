import {
  create,
  fromBinary,
  toBinary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { DescMethodBiDiStreaming } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";

/** A stream in both directions, as a client of gRPC has it. */
interface Chat<M extends DescMethodBiDiStreaming> {
  /** Sends a message. */
  send(message: MessageInitShape<M["input"]>): void;
  /** The next answer; undefined at the end. Rejects with the status of the call. */
  next(): Promise<MessageShape<M["output"]> | undefined>;
  /** So many answers. */
  take(count: number): Promise<(MessageShape<M["output"]> | undefined)[]>;
  /** Says that no more is sent. */
  end(): void;
}

/** Begins a stream with @grpc/grpc-js, over a connection of its own. */
export function chat<M extends DescMethodBiDiStreaming>(url: string, method: M): Chat<M> {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  const call = client.makeBidiStreamRequest(
    `/${method.parent.typeName}/${method.name}`,
    (message: MessageShape<M["input"]>) => Buffer.from(toBinary(method.input, message)),
    (bytes) => fromBinary(method.output, bytes) as MessageShape<M["output"]>,
  );
  onTestFinished(() => call.cancel());
  // What it ends with is told by next().
  call.on("error", () => {});
  const answers = call[Symbol.asyncIterator]() as AsyncIterator<MessageShape<M["output"]>>;
  const next = async (): Promise<MessageShape<M["output"]> | undefined> => {
    const { done, value } = await answers.next();
    return done === true ? undefined : value;
  };
  return {
    send: (message) => void call.write(create(method.input, message) as MessageShape<M["input"]>),
    next,
    take: async (count) => {
      const taken = [];
      for (let i = 0; i < count; i++) taken.push(await next());
      return taken;
    },
    end: () => void call.end(),
  };
}
