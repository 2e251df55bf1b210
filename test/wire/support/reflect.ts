import type { MessageInitShape } from "@bufbuild/protobuf";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, type FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as AlphaServerReflection } from "../../../gen/grpc/reflection/v1alpha/reflection_pb.js";

/** Both versions, as one type: they differ in nothing but their names. */
export const versions = [
  ["v1", ServerReflection],
  ["v1alpha", AlphaServerReflection as unknown as typeof ServerReflection],
] as const;

export type Question = MessageInitShape<typeof ServerReflectionRequestSchema>;

/** A stream on which each question waits for its answer. */
export interface Conversation {
  /** Undefined if the server has ended the stream. */
  ask(question: Question): Promise<ServerReflectionResponse | undefined>;
  /** The next answer, without a question. */
  next(): Promise<IteratorResult<ServerReflectionResponse>>;
  hangUp(): void;
}

/** Opens a stream; the client does not end its side until it hangs up. */
export function converse(transport: Transport, service = ServerReflection): Conversation {
  const questions: (Question | undefined)[] = [];
  let wake = (): void => {};
  const put = (question: Question | undefined): void => {
    questions.push(question);
    wake();
  };
  async function* requests() {
    for (;;) {
      if (questions.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const question = questions.shift();
      if (question === undefined) return;
      yield question;
    }
  }
  const stream = createClient(service, transport).serverReflectionInfo(requests());
  const answers = stream[Symbol.asyncIterator]();
  return {
    async ask(question) {
      put(question);
      const { done, value } = await answers.next();
      return done === true ? undefined : value;
    },
    next: () => answers.next(),
    hangUp: () => put(undefined),
  };
}

/** Asks one thing on a stream of its own. */
export async function askOnce(
  transport: Transport,
  question: Question,
  service = ServerReflection,
): Promise<ServerReflectionResponse> {
  const conversation = converse(transport, service);
  const response = await conversation.ask(question);
  conversation.hangUp();
  if (response === undefined) throw new Error("there was no answer");
  return response;
}

export const symbol = (value: string): Question => ({
  messageRequest: { case: "fileContainingSymbol", value },
});

/** The files of an answer; throws what it says if it has none. */
export function filesOf(response: ServerReflectionResponse | undefined): FileDescriptorProto[] {
  const content = response?.messageResponse;
  if (content?.case !== "fileDescriptorResponse") {
    throw new Error(`no files: ${JSON.stringify(content)}`);
  }
  return content.value.fileDescriptorProto.map((b) => fromBinary(FileDescriptorProtoSchema, b));
}

export const pathsOf = (response: ServerReflectionResponse | undefined): string[] =>
  filesOf(response).map(({ name }) => name);
