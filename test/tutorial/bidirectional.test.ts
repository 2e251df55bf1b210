import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createWritableIterable } from "@connectrpc/connect/protocol";
import { status } from "@grpc/grpc-js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.js";
import { Bidirectional, type MessageSchema } from "../../gen/tutorial/bidirectional_pb.js";
import { createMarqueeClient } from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";
import { chat } from "./chat.ts";

const { getServerResponse } = Bidirectional.method;

describe("Bidirectional", () => {
  it("should answer grpc-js before it has sent the next message, or that there is none", async () => {
    const { url } = await startServer();
    const call = chat(url, getServerResponse);
    for (const message of ["one", "two", "", "four"]) {
      call.send({ message });
      // Nothing else is sent before this answer.
      expect(await call.next()).toMatchObject({ message });
    }
    call.end();
    expect(await call.next()).toBeUndefined();
  });

  it("should answer all messages in their order, however many are on their way", async () => {
    const { url } = await startServer();
    const call = chat(url, getServerResponse);
    const messages = Array.from({ length: 1_000 }, (_, index) => `${index}`);
    for (const message of messages) call.send({ message });
    expect((await call.take(1_000)).map((answer) => answer?.message)).toEqual(messages);
    call.end();
    expect(await call.next()).toBeUndefined();
  });

  it("should keep the messages of streams apart", async () => {
    const { url } = await startServer();
    const calls = [chat(url, getServerResponse), chat(url, getServerResponse)];
    for (const [index, call] of calls.entries()) call.send({ message: `${index}` });
    const answers = await Promise.all(calls.map((call) => call.next()));
    expect(answers).toMatchObject([{ message: "0" }, { message: "1" }]);
  });

  it.each(["grpc", "grpc-web", "connect"] as const)(
    "should answer before it has all, over %s",
    async (protocol) => {
      const { url } = await startServer();
      using client = createMarqueeClient({ url, protocol });
      const sent = createWritableIterable<MessageInitShape<typeof MessageSchema>>();
      const { getServerResponse: call } = createClient(Bidirectional, client.transport);
      const answers = call(sent)[Symbol.asyncIterator]();
      for (const message of ["one", "two"]) {
        const [answer] = await Promise.all([answers.next(), sent.write({ message })]);
        expect(answer).toMatchObject({ done: false, value: { message } });
      }
      sent.close();
      expect(await answers.next()).toMatchObject({ done: true });
    },
  );

  it("should end with invalid_argument at a message that is too long, after those before it", async () => {
    const { url, client } = await startServer();
    const call = chat(url, getServerResponse);
    call.send({ message: "🎬".repeat(10_000) });
    expect((await call.next())?.message).toHaveLength(20_000);
    call.send({ message: "x".repeat(10_001) });
    await expect(call.next()).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "message: At most 10000 characters, not 10001.",
    });
    // The same with its details, for a client that ends its side.
    async function* messages() {
      yield { message: "short" };
      yield { message: "x".repeat(10_001) };
    }
    const seen: string[] = [];
    const error = await (async () => {
      const answers = createClient(Bidirectional, client.transport).getServerResponse(messages());
      for await (const { message } of answers) seen.push(message);
    })().catch((reason: unknown) => ConnectError.from(reason));
    expect(seen).toEqual(["short"]);
    expect(error?.code).toBe(Code.InvalidArgument);
    expect(error?.findDetails(BadRequestSchema)).toMatchObject([
      { fieldViolations: [{ field: "message" }] },
    ]);
  });
});
