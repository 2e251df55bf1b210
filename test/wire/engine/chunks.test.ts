import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addChunk } from "../../../src/wire/engine/chunks.ts";

describe("addChunk", () => {
  it("should keep all bytes in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 6_000 }), { maxLength: 30 }), (sent) => {
        const chunks: Buffer[] = [];
        for (const bytes of sent) addChunk(chunks, Buffer.from(bytes));

        expect(Buffer.concat(chunks).equals(Buffer.concat(sent))).toBe(true);
      }),
    );
  });

  it("should keep few chunks of many small ones, and leave large ones as they are", () => {
    const chunks: Buffer[] = [];
    for (let n = 0; n < 100_000; n++) addChunk(chunks, Buffer.from([n]));
    expect(chunks.length).toBeLessThan(50);

    const large = Buffer.alloc(16_384);
    addChunk(chunks, large);
    expect(chunks.at(-1)).toBe(large);
  });
});
