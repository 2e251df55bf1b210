import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Seal } from "../../../src/recommendations/outcomes/seal.ts";

it("should be the HMAC of each message, whatever was sealed before", () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
  const messages = fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(key, messages, (secret, all) => {
      const seal = new Seal(secret, 100);
      for (const message of all) {
        const expected = createHmac("sha256", secret).update(message).digest("hex");
        expect(seal.of(message)).toBe(expected);
      }
    }),
  );
});

it("should refuse a key that would be cut", () => {
  expect(() => new Seal(Buffer.alloc(65), 1)).toThrow("at most 64 bytes");
});
