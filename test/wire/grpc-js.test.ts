import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { type Note, NoteSchema } from "./support/contract.ts";
import { startWire } from "./support/server.ts";

const path = (method: string): string => `/wire.test.Notes/${method}`;
const encode = (note: { text?: string; number?: number }): Buffer =>
  Buffer.from(toBinary(NoteSchema, create(NoteSchema, note)));
const decode = (bytes: Buffer): Note => fromBinary(NoteSchema, bytes);

function clientOf(port: number): Client {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

test("should answer a unary call of grpc-js", async () => {
  const { port } = await startWire();

  const note = await new Promise<Note | undefined>((resolve, reject) => {
    clientOf(port).makeUnaryRequest(
      path("Say"),
      encode,
      decode,
      { text: "hello" },
      (error, value) => (error === null ? resolve(value) : reject(error)),
    );
  });

  expect(note?.text).toBe("hello");
});

test.each([
  ["Shout", {}, status.UNIMPLEMENTED],
  ["Say", { deadline: 60 }, status.DEADLINE_EXCEEDED],
  ["Read", {}, status.INTERNAL],
])(
  "should tell grpc-js the status of %s",
  async (method, { deadline }: { deadline?: number }, code) => {
    const { port } = await startWire({
      say: () => new Promise(() => {}),
      read: () => {
        throw new Error("broken");
      },
    });
    const options = deadline === undefined ? {} : { deadline: Date.now() + deadline };

    const error = await new Promise<ServiceError | null>((resolve) => {
      clientOf(port).makeUnaryRequest(
        path(method),
        encode,
        decode,
        {},
        new Metadata(),
        options,
        resolve,
      );
    });

    expect(error?.code).toBe(code);
  },
);

test("should stream both ways with grpc-js", async () => {
  const { port } = await startWire();
  const call = clientOf(port).makeBidiStreamRequest(path("Chat"), encode, decode);
  const numbers: number[] = [];

  call.write({ number: 0 });
  for await (const note of call) {
    numbers.push((note as Note).number);
    if (numbers.length < 5) call.write({ number: numbers.length });
    else call.end();
  }

  expect(numbers).toEqual([0, 1, 2, 3, 4]);
});

test("should end a stream that its server ends first with grpc-js, every time", async () => {
  const { port } = await startWire({ collect: async () => ({ number: 1 }) });
  const client = clientOf(port);

  const notes = await Promise.all(
    Array.from(
      { length: 300 },
      () =>
        new Promise<Note | undefined>((resolve, reject) => {
          const call = client.makeClientStreamRequest(
            path("Collect"),
            encode,
            decode,
            (error, value) => (error === null ? resolve(value) : reject(error)),
          );
          // It never ends its side.
          call.write({ number: 1 });
        }),
    ),
  );

  expect(new Set(notes.map((note) => note?.number))).toEqual(new Set([1]));
});
