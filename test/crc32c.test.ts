import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c } from "../src/crc32c.ts";

/** As the standard defines it, bit by bit. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}

describe("crc32c", () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRCs.
  it.each([
    ["nothing", [], 0],
    ["32 zeros", Array.from({ length: 32 }, () => 0), 0x8a91_36aa],
    ["32 ones", Array.from({ length: 32 }, () => 0xff), 0x62a8_ab43],
    ["32 ascending", Array.from({ length: 32 }, (_, i) => i), 0x46dd_794e],
    ["32 descending", Array.from({ length: 32 }, (_, i) => 31 - i), 0x113f_db5c],
    [
      "an iSCSI read command",
      [
        0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0,
        0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
      ],
      0xd996_3a56,
    ],
    ["123456789", [...Buffer.from("123456789")], 0xe306_9283],
  ])("should agree with the standard on %s", (_, bytes, expected) => {
    expect(crc32c(Uint8Array.from(bytes))).toBe(expected);
  });

  it("should agree with its definition for any bytes, wherever they begin in memory", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(7), (bytes, offset) => {
        const memory = new Uint8Array(offset + bytes.length);
        memory.set(bytes, offset);
        expect(crc32c(memory.subarray(offset))).toBe(reference(bytes));
      }),
    );
  });
});
