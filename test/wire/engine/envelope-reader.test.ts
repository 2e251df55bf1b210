import { Code } from "@connectrpc/connect";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { envelope } from "../../../src/wire/engine/answers.ts";
import { EnvelopeReader, type Envelope } from "../../../src/wire/engine/envelope-reader.ts";

const maxBytes = 1_000;

const messages = fc.array(
  fc.record({ flags: fc.nat(255), payload: fc.uint8Array({ maxLength: 40 }) }),
  { maxLength: 8 },
);

/** The same bytes in chunks, of which some may be empty. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...places].map((start, n) => bytes.subarray(start, places[n] ?? bytes.length));
}

/** What a reader hands out of some chunks, until it refuses one. */
function read(chunks: readonly Buffer[]) {
  const reader = new EnvelopeReader(maxBytes);
  const taken: { flags: number; payload: Uint8Array }[] = [];
  const take = ({ flags, payload }: Envelope): boolean => {
    taken.push({ flags, payload: new Uint8Array(payload) });
    return true;
  };
  let failure: ReturnType<EnvelopeReader["push"]>;
  for (const chunk of chunks) failure ??= reader.push(chunk, take);
  return { reader, taken, failure };
}

describe("EnvelopeReader", () => {
  it("should read the same messages however their bytes are cut into chunks", () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 20 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(({ flags, payload }) => envelope(flags, payload)));

        const { reader, taken, failure } = read(split(bytes, cuts));

        expect(failure).toBeUndefined();
        expect(taken).toEqual(sent);
        expect(reader.count).toBe(sent.length);
        expect(reader.isPartial).toBe(false);
        expect(reader.end()).toBeUndefined();
      }),
    );
  });

  it("should hand out what is complete, and say that the rest was cut off", () => {
    const payload = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(messages, payload, fc.nat(), fc.nat(), (sent, last, end, cut) => {
        const whole = sent.map((message) => envelope(message.flags, message.payload));
        const part = envelope(0, last).subarray(0, 1 + (end % (last.length + 4)));

        const { reader, taken } = read(split(Buffer.concat([...whole, part]), [cut]));

        expect(taken).toEqual(sent);
        expect(reader.isPartial).toBe(true);
        expect(reader.end()).toMatchObject({ code: Code.InvalidArgument });
      }),
    );
  });

  it("should refuse a message that is too large by its prefix, after those before it", () => {
    const excess = fc.integer({ min: maxBytes + 1, max: 0xffff_ffff });
    fc.assert(
      fc.property(messages, excess, fc.array(fc.nat()), (sent, length, cuts) => {
        const prefix = Buffer.alloc(5);
        prefix.writeUInt32BE(length, 1);
        const whole = sent.map(({ flags, payload }) => envelope(flags, payload));

        const { taken, failure } = read(split(Buffer.concat([...whole, prefix]), cuts));

        expect(failure).toMatchObject({ code: Code.ResourceExhausted });
        expect(failure?.message).toContain(`${length} bytes, more than the ${maxBytes} allowed`);
        expect(taken).toEqual(sent);
      }),
    );
  });

  it("should hold what is not wanted, until it is", () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat()), fc.array(fc.boolean()), (sent, cuts, wants) => {
        const bytes = Buffer.concat(sent.map(({ flags, payload }) => envelope(flags, payload)));
        const reader = new EnvelopeReader(maxBytes);
        const taken: unknown[] = [];
        const take = ({ flags, payload }: Envelope): boolean => {
          expect(reader.isHeld).toBe(false);
          taken.push({ flags, payload: new Uint8Array(payload) });
          return wants[taken.length] ?? false;
        };
        for (const chunk of split(bytes, cuts)) {
          reader.push(chunk, take);
          if (wants.length % 2 === 0 && reader.isHeld) reader.goOn(take);
        }
        while (reader.isHeld) reader.goOn(take);

        expect(taken).toEqual(sent);
        expect(reader.end()).toBeUndefined();
      }),
    );
  });

  it("should take a message of the largest size", () => {
    const { taken, failure } = read([envelope(0, new Uint8Array(maxBytes))]);

    expect(failure).toBeUndefined();
    expect(taken[0]?.payload).toHaveLength(maxBytes);
  });
});
