import { setTimeout as sleep } from "node:timers/promises";
import { anyPack, type Any } from "@bufbuild/protobuf/wkt";
import type { MessageInitShape, MessageShape, DescMessage } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { ConnectError, type HandlerContext } from "@connectrpc/connect";
import type {
  Header,
  RequestedError,
  RequestInfo,
  StreamDefinition,
  UnaryDefinition,
} from "./messages.ts";

/** The default deadline of calls, which is none of the client's: longer than any that the suite sets. */
export const defaultDeadlineMs = 3_600_000;

/** A message that came, for telling the client of it. */
export function packed(context: HandlerContext, message: MessageShape<DescMessage>): Any {
  return anyPack(context.method.input, message);
}

/** What is known of a call, and the requests that came so far. */
export function requestInfo(
  context: HandlerContext,
  requests: Any[],
): MessageInitShape<GenMessage<RequestInfo>> {
  const { requestHeader, requestMethod, url } = context;
  const ms = context.timeoutMs();
  return {
    requestHeaders: headers(requestHeader),
    requests,
    ...(ms === undefined || ms > defaultDeadlineMs / 2
      ? {}
      : { timeoutMs: BigInt(Math.round(ms)) }),
    ...(requestMethod === "GET"
      ? { connectGetInfo: { queryParams: headers(new URL(url).searchParams) } }
      : {}),
  };
}

/** Sets the headers and trailers of a response. */
export function setMetadata(
  { responseHeader, responseTrailer }: HandlerContext,
  definition: UnaryDefinition | StreamDefinition | undefined,
): void {
  append(definition?.responseHeaders ?? [], responseHeader);
  append(definition?.responseTrailers ?? [], responseTrailer);
}

/**
 * Waits before a response. The signal of the call is ignored on purpose: the
 * wire has to keep a deadline whether or not a handler does.
 */
export async function delay(
  definition: UnaryDefinition | StreamDefinition | undefined,
): Promise<void> {
  const ms = definition?.responseDelayMs ?? 0;
  if (ms > 0) await sleep(ms);
}

/** The error that a handler is asked for, with a detail of its own at the end if there is one. */
export function connectError({ code, message, details }: RequestedError, info?: Any): ConnectError {
  const error = new ConnectError(message ?? "", code);
  error.details = [...details, ...(info === undefined ? [] : [info])].map(({ typeUrl, value }) => ({
    type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
    value,
  }));
  return error;
}

function headers(from: Headers | URLSearchParams): { name: string; value: string[] }[] {
  return [...from].map(([name, value]) => ({ name, value: [value] }));
}

function append(from: readonly Header[], to: Headers): void {
  for (const { name, value } of from) for (const each of value) to.append(name, each);
}
