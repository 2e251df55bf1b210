import { expect, it } from "vitest";
import { Pace } from "../../../src/web/dashboard/logic/pace.ts";

it("should ask again less often where answers take long, within bounds", () => {
  const pace = new Pace();
  expect(pace.next()).toBe(10_000);
  pace.answered(2_000);
  pace.answered(300);
  expect(pace.next()).toBe(20_000);
  expect(pace.next()).toBe(10_000);
  pace.answered(29_000);
  expect(pace.next()).toBe(60_000);
});
