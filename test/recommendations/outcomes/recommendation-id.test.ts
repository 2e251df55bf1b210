import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecommendationIds } from "../../../src/recommendations/outcomes/recommendation-id.ts";

const key = Buffer.alloc(32, 7);
const answer = {
  project: 0,
  time: 1_790_000_000_000,
  trainedTime: 1_780_000_000_000,
  variant: "b",
};

const answers = fc.record({
  project: fc.nat({ max: 2 ** 32 - 1 }),
  time: fc.nat({ max: 2 ** 48 - 1 }),
  trainedTime: fc.nat({ max: 2 ** 48 - 1 }),
  variant: fc.stringMatching(/^[\w.-]{0,64}$/),
});

describe("the id of an answer", () => {
  it("should say what it was made of, in at most 256 characters", () => {
    const ids = new RecommendationIds(key);
    fc.assert(
      fc.property(answers, (made) => {
        const id = ids.make(made);
        expect(id).toMatch(/^[\w-]{1,256}$/);
        expect(ids.read(id)).toMatchObject(made);
      }),
    );
  });

  it("should be another one each time, and be read by whoever has the key", () => {
    const ids = new RecommendationIds(key);
    const made = new Set(Array.from({ length: 2_000 }, () => ids.make(answer)));
    expect(made.size).toBe(2_000);
    const again = new RecommendationIds(key);
    for (const id of made) expect(again.read(id)).toMatchObject(answer);
  });

  it("should be refused when a bit of it was changed, a character added or taken away", () => {
    const ids = new RecommendationIds(key);
    const changes = fc.record({ made: answers, bit: fc.nat() });
    fc.assert(
      fc.property(changes, ({ made, bit }) => {
        const id = ids.make(made);
        const bytes = Buffer.from(id, "base64url");
        const place = bit % (8 * bytes.length);
        bytes[place >> 3] = (bytes[place >> 3] as number) ^ (1 << (place & 7));
        expect(ids.read(bytes.toString("base64url"))).toBeUndefined();
        for (const other of [`${id}A`, id.slice(0, -1), ` ${id}`, `${id}=`, `${id}!`]) {
          expect(ids.read(other)).toBeUndefined();
        }
      }),
    );
  });

  it("should be refused when it is made up, or made with another key", () => {
    const ids = new RecommendationIds(key);
    const foreign = new RecommendationIds(Buffer.alloc(32, 8)).make(answer);
    for (const id of ["", "a", "made-up", "A".repeat(140), foreign]) {
      expect(ids.read(id)).toBeUndefined();
    }
  });
});
