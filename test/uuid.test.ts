import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newUuid, uuidMaker } from "../src/uuid.ts";

describe("newUuid", () => {
  it("should make UUIDs of version 7 that begin with the time", () => {
    const make = uuidMaker(() => 0x0123_4567_89ab);
    const form = /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const variants = new Set<string>();
    for (let i = 0; i < 1_000; i++) {
      const id = make();
      expect(id).toMatch(form);
      variants.add(id.charAt(19));
    }
    expect([...variants].toSorted()).toEqual(["8", "9", "a", "b"]);
    const before = Date.now();
    const time = Number.parseInt(newUuid().replaceAll("-", "").slice(0, 12), 16);
    expect(time).toBeGreaterThanOrEqual(before);
  });

  it("should make greater ones only, whatever the clock does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 2 ** 48 - 2 ** 20 }), { minLength: 2, maxLength: 50 }),
        (times) => {
          let time = 0;
          const make = uuidMaker(() => time);
          let last = "";
          for (time of times) {
            const id = make();
            expect(id > last).toBe(true);
            last = id;
          }
        },
      ),
    );
  });

  it("should make more in a millisecond than its counter has room for", () => {
    const make = uuidMaker(() => 1_767_323_045_000);
    const ids = Array.from({ length: 10_000 }, make);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });

  it("should make others than another maker, at the same time", () => {
    const clock = (): number => 1_767_323_045_000;
    const makers = Array.from({ length: 100 }, () => uuidMaker(clock));
    expect(new Set(makers.map((make) => make())).size).toBe(100);
  });
});
