import { equals } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { ItemSchema, Streams, type Item } from "../contract.ts";
import { createStreamLoad, streamConcurrency } from "../load/stream-load.ts";
import { item, listed, listRequest } from "../samples.ts";
import { serverNames } from "../servers/server.ts";
import type { Scenario } from "./scenario.ts";

const { list, chat } = streamConcurrency;

export const streamScenarios: readonly Scenario[] = [
  {
    name: "list",
    title: "gRPC, a stream of 1,000 messages from the server",
    concurrency: `${list.connections} connections × ${list.streams} streams`,
    servers: serverNames,
    messages: listed.length,
    // 200 streams, which are 200,000 messages.
    weight: 400,
    step: 20,
    async prepare({ http2 }, place) {
      await expectItems(http2, (client) => client.list(listRequest), listed);
      return createStreamLoad(http2, "list", place);
    },
  },
  {
    name: "chat",
    title: "gRPC, round trips on a stream in both directions",
    concurrency: `${chat.connections} connections × ${chat.streams} streams with one message each`,
    servers: serverNames,
    messages: 1,
    weight: 1,
    step: 1_000,
    async prepare({ http2 }, place) {
      const items = [item(1), item(2), item(3)];
      async function* sent(): AsyncGenerator<Item> {
        yield* items;
      }
      await expectItems(http2, (client) => client.chat(sent()), items);
      return createStreamLoad(http2, "chat", place);
    },
  },
];

/** Makes a call with a client that everybody uses; it fails unless the status is OK. */
async function expectItems(
  baseUrl: string,
  call: (client: ReturnType<typeof clientOf>) => AsyncIterable<Item>,
  expected: readonly Item[],
): Promise<void> {
  const sessionManager = new Http2SessionManager(baseUrl);
  try {
    let count = 0;
    for await (const found of call(clientOf(baseUrl, sessionManager))) {
      const wanted = expected[count++];
      if (wanted === undefined || !equals(ItemSchema, found, wanted)) {
        throw new Error(`${baseUrl} answered with ${found.text} ${found.number} as item ${count}`);
      }
    }
    if (count !== expected.length) throw new Error(`${baseUrl} answered with ${count} items`);
  } finally {
    sessionManager.abort();
  }
}

function clientOf(baseUrl: string, sessionManager: Http2SessionManager) {
  return createClient(Streams, createGrpcTransport({ baseUrl, sessionManager }));
}
