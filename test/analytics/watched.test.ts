import { toJsonString } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { watchedFor } from "../../src/analytics/watched.ts";

const TEN_THOUSAND_YEARS_MS = 315_576_000_000_000;

describe("the time that views were watched", () => {
  it("should be told to the millisecond", () => {
    expect(watchedFor(0)).toMatchObject({ seconds: 0n, nanos: 0 });
    expect(watchedFor(1_234)).toMatchObject({ seconds: 1n, nanos: 234_000_000 });
  });

  it("should be one that JSON has, however long they were watched", () => {
    for (const ms of [TEN_THOUSAND_YEARS_MS, TEN_THOUSAND_YEARS_MS + 1, 2 ** 53]) {
      expect(toJsonString(DurationSchema, watchedFor(ms))).toBe('"315576000000s"');
    }
  });
});
