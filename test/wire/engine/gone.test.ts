import { once } from "node:events";
import { connect } from "node:http2";
import { expect, onTestFinished, test } from "vitest";
import { startWire } from "../support/server.ts";

test("should take a client that resets its stream without an error for one that is gone", async () => {
  let gone = (_reason: unknown): void => {};
  const reason = new Promise((resolve) => (gone = resolve));
  let read = (): void => {};
  const reading = new Promise<void>((resolve) => (read = resolve));
  const { url, callLine } = await startWire({
    async collect(notes, { signal }) {
      signal.addEventListener("abort", () => gone(signal.reason));
      read();
      for await (const _ of notes);
      return {};
    },
  });
  const session = connect(url);
  onTestFinished(() => session.destroy());
  const call = session.request({
    ":method": "POST",
    ":path": "/wire.test.Notes/Collect",
    "content-type": "application/grpc",
  });
  call.write(Buffer.from([0, 0]));
  await reading;

  call.destroy();
  await once(call, "close");

  expect(String(await reason)).toContain("canceled");
  expect(await callLine()).toMatchObject({ code: "canceled" });
});
