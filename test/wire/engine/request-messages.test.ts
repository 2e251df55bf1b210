import { create, toBinary, fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import * as fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { negotiate } from "../../../src/wire/engine/compression.ts";
import { RequestMessages } from "../../../src/wire/engine/request-messages.ts";
import { NoteSchema, type Note } from "../support/contract.ts";

const maxBytes = 100_000;
const gzip = negotiate("gzip", undefined, "").request;

/** Messages whose sender is told here to pause or to go on. */
function receive({ isCompressed = true } = {}) {
  const held: boolean[] = [];
  const messages = new RequestMessages({
    compression: isCompressed ? gzip : undefined,
    maxBytes,
    decode: (bytes) => fromBinary(NoteSchema, bytes),
    pause: () => void held.push(true),
    resume: () => void held.push(false),
  });
  return { messages, held };
}

function note(init: { text?: string; number?: number }, isCompressed = false) {
  const bytes = toBinary(NoteSchema, create(NoteSchema, init));
  return {
    flags: isCompressed ? 1 : 0,
    payload: isCompressed ? gzipSync(bytes) : Buffer.from(bytes),
  };
}

async function numbers(messages: RequestMessages): Promise<number[]> {
  const read: number[] = [];
  for await (const message of messages) read.push((message as Note).number);
  return read;
}

describe("RequestMessages", () => {
  it("should keep the order of messages, compressed or not, large or small", async () => {
    const kinds = fc.array(fc.record({ isCompressed: fc.boolean(), isLarge: fc.boolean() }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(kinds, fc.nat(12), async (sent, before) => {
        const { messages } = receive();
        const envelopes = sent.map(({ isCompressed, isLarge }, number) =>
          note({ number, text: isLarge ? "x".repeat(20_000) : "" }, isCompressed),
        );
        for (const envelope of envelopes.slice(0, before)) messages.push(envelope);
        const reading = numbers(messages);
        for (const envelope of envelopes.slice(before)) messages.push(envelope);
        messages.end();

        expect(await reading).toEqual(sent.map((_, number) => number));
      }),
      { numRuns: 30 },
    );
  });

  it("should answer reads that were asked for together, each with its message", async () => {
    const { messages } = receive();
    const reads = Promise.all([messages.next(), messages.next(), messages.next()]);
    messages.push(note({ number: 1 }, true));
    messages.push(note({ number: 2 }));
    messages.end();

    expect((await reads).map(({ value }) => (value as Note | undefined)?.number)).toEqual([
      1,
      2,
      undefined,
    ]);
  });

  it.each([
    ["large", { text: "x".repeat(30_000) }, 5],
    // They take memory, too.
    ["empty", {}, 1_000],
  ])("should hold back the sender of %s messages until they are read", async (_, init, limit) => {
    const { messages, held } = receive();
    let sent = 0;
    while (held.length === 0 && sent < limit) {
      messages.push(note(init));
      sent++;
    }
    expect(held).toEqual([true]);
    expect(messages.isPaused).toBe(true);

    messages.end();
    expect(await numbers(messages)).toHaveLength(sent);
    expect(held).toEqual([true, false]);
  });

  it("should lose nothing when its sender is always ahead", async () => {
    const { messages } = receive();
    for (let number = 0; number < 10; number++) messages.push(note({ number }));
    for (let number = 10; number < 2_000; number++) {
      messages.push(note({ number }));
      expect((await messages.next()).value).toMatchObject({ number: number - 10 });
    }
  });

  it("should refuse a message that gets too large, and all after it", async () => {
    const { messages } = receive();
    messages.push(note({ number: 1 }));
    messages.push({ flags: 1, payload: gzipSync(Buffer.alloc(50_000_000)) });
    messages.push(note({ number: 2 }));

    expect((await messages.next()).value).toMatchObject({ number: 1 });
    for (let n = 0; n < 2; n++) {
      await expect(messages.next()).rejects.toMatchObject({ code: Code.ResourceExhausted });
    }
  });

  it("should refuse a compressed message where no compression was named", async () => {
    const { messages } = receive({ isCompressed: false });
    messages.push(note({ number: 1 }, true));

    await expect(messages.next()).rejects.toMatchObject({ code: Code.Internal });
  });

  it("should refuse what is not compressed though it says so", async () => {
    const { messages } = receive();
    messages.push({ flags: 1, payload: Buffer.from("no gzip") });

    await expect(messages.next()).rejects.toMatchObject({ code: Code.InvalidArgument });
  });

  it("should fail the read of a message that is being decompressed when the call is over", async () => {
    const { messages } = receive();
    const reads = [messages.next(), messages.next()];
    messages.push(note({ number: 1, text: "x".repeat(30_000) }, true));
    messages.fail(new ConnectError("gone", Code.Canceled));

    const results = await Promise.allSettled(reads);

    expect(results).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    await expect(messages.next()).rejects.toMatchObject({ code: Code.Canceled });
  });

  it("should let its sender go on, and drop what comes, once its reader has enough", async () => {
    const { messages, held } = receive();
    for (let n = 0; n < 5; n++) messages.push(note({ text: "x".repeat(30_000) }));
    for await (const _ of messages) break;

    expect(held).toEqual([true, false]);
    messages.push(note({ number: 1 }));
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });
});
