import { Code, createClient } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { Unary } from "../../gen/tutorial/unary_pb.js";
import { startServer } from "../support/server.ts";

it("should say that it is up, and what it received", async () => {
  const { client } = await startServer();
  const unary = createClient(Unary, client.transport);
  for (const message of ["hi", "", 'a "quoted" 🎬\nline']) {
    expect(await unary.getServerResponse({ message })).toMatchObject({
      message: `Hello I am up and running received "${message}" message from you`,
      received: true,
    });
  }
  const message = "x".repeat(10_001);
  await expect(unary.getServerResponse({ message })).rejects.toMatchObject({
    code: Code.InvalidArgument,
    rawMessage: "message: At most 10000 characters, not 10001.",
  });
});
