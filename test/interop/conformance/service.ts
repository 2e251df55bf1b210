import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, type Any } from "@bufbuild/protobuf/wkt";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ConformanceService, Contract } from "./contract.ts";
import { connectError, delay, packed, requestInfo, setMetadata } from "./definitions.ts";
import type {
  Response,
  StreamDefinition,
  StreamRequest,
  UnaryDefinition,
  UnaryRequest,
} from "./messages.ts";

type Answer = MessageInitShape<GenMessage<Response>>;

/**
 * The service that the suite calls: each request says how it is to be answered,
 * and each answer says what was seen of the request. Unimplemented is left out,
 * as the suite wants it.
 */
export function conformanceService({
  requestInfo: infoSchema,
}: Contract): Partial<ServiceImpl<ConformanceService>> {
  const packedInfo = (context: HandlerContext, requests: Any[]): Any =>
    anyPack(infoSchema, create(infoSchema, requestInfo(context, requests)));

  /** Answers with the one response that is asked for. */
  async function answerOnce(
    context: HandlerContext,
    definition: UnaryDefinition | undefined,
    requests: Any[],
  ): Promise<Answer> {
    setMetadata(context, definition);
    await delay(definition);
    const response = definition?.response;
    if (response?.case === "error") {
      throw connectError(response.value, packedInfo(context, requests));
    }
    const info = requestInfo(context, requests);
    return {
      payload: { requestInfo: info, ...(response?.value && { data: response.value }) },
    };
  }

  /** Answers with the rest of the responses that are asked for, from the n-th on. */
  async function* answerAll(
    context: HandlerContext,
    definition: StreamDefinition | undefined,
    requests: Any[],
    from = 0,
  ): AsyncGenerator<Answer> {
    if (definition === undefined) return;
    for (const [index, data] of definition.responseData.entries()) {
      if (index < from) continue;
      await delay(definition);
      const first = index === 0 ? { requestInfo: requestInfo(context, requests) } : {};
      yield { payload: { data, ...first } };
    }
    if (definition.error === undefined) return;
    const untold = definition.responseData.length === 0;
    throw connectError(definition.error, untold ? packedInfo(context, requests) : undefined);
  }

  const unary = (request: UnaryRequest, context: HandlerContext): Promise<Answer> =>
    answerOnce(context, request.responseDefinition, [packed(context, request)]);

  return {
    unary,
    idempotentUnary: unary,
    async clientStream(messages, context) {
      const requests: UnaryRequest[] = [];
      for await (const request of messages) requests.push(request);
      const all = requests.map((request) => packed(context, request));
      return answerOnce(context, requests[0]?.responseDefinition, all);
    },
    async *serverStream(request, context) {
      setMetadata(context, request.responseDefinition);
      yield* answerAll(context, request.responseDefinition, [packed(context, request)]);
    },
    async *bidiStream(messages, context) {
      let first: StreamRequest | undefined;
      let sent = 0;
      let unanswered: Any[] = [];
      for await (const request of messages) {
        if (first === undefined) {
          first = request;
          setMetadata(context, first.responseDefinition);
        }
        unanswered.push(packed(context, request));
        if (!first.fullDuplex) continue;
        const data = first.responseDefinition?.responseData[sent];
        if (data === undefined) break;
        await delay(first.responseDefinition);
        const info = sent === 0 ? requestInfo(context, unanswered) : { requests: unanswered };
        yield { payload: { data, requestInfo: info } };
        unanswered = [];
        sent += 1;
      }
      yield* answerAll(context, first?.responseDefinition, unanswered, sent);
    },
  };
}
