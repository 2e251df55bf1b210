import * as fc from "fast-check";
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { LogViewRequestSchema, ViewBatchSchema } from "../../gen/analytics/v1/ingestion_pb.js";
import { Bots } from "../../src/analytics/bots.ts";
import { viewRules } from "../../src/analytics/ingestion-rules.ts";
import { readBatch, type CheckedViews } from "../../src/analytics/view-batch.ts";
import { thousandths, viewOf, type ViewContext } from "../../src/analytics/views.ts";
import { RuleBook } from "../../src/rules.ts";

type ViewInit = MessageInitShape<typeof LogViewRequestSchema>;

const context: ViewContext = {
  now: Date.now(),
  country: "",
  device: "",
  userAgent: "",
  bots: new Bots(),
};
const googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

function batch(...views: ViewInit[]): Uint8Array {
  return toBinary(ViewBatchSchema, create(ViewBatchSchema, { views }));
}

/** The same by protobuf-es and the table of rules, as a unary call has it. */
function reference(bytes: Uint8Array): CheckedViews | "no batch" {
  const book = new RuleBook([[viewRules]]);
  const checked: CheckedViews = { views: [], places: [], rejected: [] };
  let requests;
  try {
    requests = fromBinary(ViewBatchSchema, bytes).views;
  } catch {
    return "no batch";
  }
  if (requests.length === 0) return "no batch";
  for (const [index, request] of requests.entries()) {
    const [violation] = book.violations(LogViewRequestSchema, request);
    if (violation !== undefined) {
      const { field, description } = violation;
      checked.rejected.push({ index, field, reason: description });
    } else if (request.viewId === "") {
      const reason = "Required: it must not be empty.";
      checked.rejected.push({ index, field: "view_id", reason });
    } else {
      checked.views.push(viewOf(request, context));
      checked.places.push(index);
    }
  }
  return checked;
}

const anyText = (max: number) =>
  fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom("", "\0", "\uFFFD", "__proto__", "constructor", "7", "ünï", "🎬"),
    fc.constantFrom(max - 1, max, max + 1).map((length) => "🎬".repeat(length)),
    fc.constantFrom(max, max + 1).map((length) => "x".repeat(length)),
  );

const seconds = fc.oneof(
  fc.integer({ min: 0, max: 700_000 }).map(BigInt),
  fc.integer({ min: 946_684_700, max: 1_900_000_000 }).map(BigInt),
  fc.constantFrom(0n, -1n, 604_800n, 604_799n, 946_684_799n, 946_684_800n, 2n ** 32n, 2n ** 62n),
);
const nanos = fc.oneof(
  fc.integer({ min: 0, max: 999_999_999 }),
  fc.constantFrom(0, -1, 1, 999_999_999, 1_000_000_000),
);

const anyView: fc.Arbitrary<ViewInit> = fc.record(
  {
    videoName: anyText(256),
    viewId: anyText(128),
    viewerId: anyText(256),
    startTime: fc.record({ seconds, nanos }),
    watchDuration: fc.record({ seconds, nanos }),
    country: fc.oneof(fc.constantFrom("nl", "NL", "dE", "N", "NLD", "n1", "ß"), anyText(2)),
    device: anyText(64),
    referrer: fc.oneof(fc.string(), fc.constantFrom("x".repeat(2_048), "x".repeat(2_049))),
    progress: fc.oneof(
      fc.double({ min: 0, max: 1 }),
      fc.constantFrom(0, -0, 1, 0.57, 0.999, 1.001, -0.1, Number.NaN, Infinity),
    ),
    properties: fc.dictionary(anyText(64), anyText(256), { maxKeys: 22 }),
    userAgent: fc.constantFrom("", googlebot, firefox, "x".repeat(2_049)),
  },
  { requiredKeys: [] },
);

const rightView: fc.Arbitrary<ViewInit> = fc.record({
  videoName: fc.string({ minLength: 1, maxLength: 30 }),
  viewId: fc.uuid(),
  viewerId: fc.string(),
  startTime: fc.integer({ min: 1e12, max: 1.7e12 }).map(timestampFromMs),
  watchDuration: fc.record({ seconds: fc.integer({ min: 0, max: 9_999 }).map(BigInt) }),
  country: fc.constantFrom("", "nl", "DE"),
  progress: fc.integer({ min: 0, max: 1_000 }).map((k) => k / 1_000),
  properties: fc.dictionary(fc.constantFrom("a", "10", "2", "é"), fc.constantFrom('"', "x")),
});

/** Two messages one after the other are one message: fields stand twice. */
const parts = fc.array(fc.oneof(rightView, anyView, { arbitrary: anyView, weight: 1 }), {
  minLength: 1,
  maxLength: 3,
});

describe("readBatch", () => {
  it("should agree with protobuf-es and the rules on any views, their fields twice or not", () => {
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 5 }), (views) => {
        const bytes = Buffer.concat(
          views.map((fields) => {
            const message = Buffer.concat(
              fields.map((one) =>
                toBinary(LogViewRequestSchema, create(LogViewRequestSchema, one)),
              ),
            );
            const head = [0x0a];
            let left = message.length;
            for (; left > 127; left >>>= 7) head.push((left & 127) | 128);
            return Buffer.concat([Buffer.from([...head, left]), message]);
          }),
        );
        expect(readBatch(bytes, context)).toEqual(reference(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("should agree with them on bytes that were changed on their way", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.boolean());
    fc.assert(
      fc.property(fc.array(fc.oneof(rightView, anyView), { maxLength: 3 }), change, (views, c) => {
        const [place, byte, isCut] = c;
        const bytes = batch(...views);
        const at = place % (bytes.length + 1);
        if (at < bytes.length) bytes[at] = byte;
        const changed = isCut ? bytes.subarray(0, at) : bytes;
        const found = readBatch(changed, context);
        const isNone = found.rejected[0]?.field === "batch";
        expect(isNone ? "no batch" : found).toEqual(reference(changed));
      }),
      { numRuns: 2_000 },
    );
  });

  it("should take a batch of as many views as the contract says, and none of more", () => {
    const views = Array.from({ length: 10_000 }, (_, i) => ({ videoName: "v", viewId: `${i}` }));
    expect(readBatch(batch(...views), context).views).toHaveLength(10_000);
    expect(readBatch(batch(...views, { videoName: "v", viewId: "x" }), context)).toEqual({
      views: [],
      places: [],
      rejected: [{ index: -1, field: "batch", reason: "From 1 to 10000 views, not 10001." }],
    });
    expect(readBatch(batch(), context).rejected).toEqual([
      { index: -1, field: "batch", reason: "From 1 to 10000 views, not 0." },
    ]);
  });

  it("should keep the right views of a batch, and name the others by their places", () => {
    const { views, places, rejected } = readBatch(
      batch(
        { videoName: "a", viewId: "1" },
        { videoName: "", viewId: "2" },
        { videoName: "c", viewId: "3", properties: { plan: "" } },
        { videoName: "d" },
        { videoName: "e", viewId: "5" },
      ),
      context,
    );
    expect(views.map(({ video }) => video)).toEqual(["a", "e"]);
    expect(places).toEqual([0, 4]);
    expect(rejected).toEqual([
      { index: 1, field: "video_name", reason: "Required: it must not be empty." },
      { index: 2, field: 'properties["plan"]', reason: "Required: it must not be empty." },
      { index: 3, field: "view_id", reason: "Required: it must not be empty." },
    ]);
  });

  it("should write equal properties as equal JSON, by the order of their names", () => {
    const [one, other] = [
      { b: "2", a: "1", 10: "x", 9: 'y"' },
      { 9: 'y"', 10: "x", a: "1", b: "2" },
    ].map(
      (properties) =>
        readBatch(batch({ videoName: "v", viewId: "1", properties }), context).views[0]?.properties,
    );
    expect(one).toBe('{"10":"x","9":"y\\"","a":"1","b":"2"}');
    expect(other).toBe(one);
  });

  it("should tell bots from people only if they are counted apart", () => {
    const bytes = batch(
      { videoName: "v", viewId: "1", userAgent: googlebot },
      { videoName: "v", viewId: "2", userAgent: firefox },
      { videoName: "v", viewId: "3" },
    );
    const areBots = (bots: Bots | undefined): boolean[] =>
      readBatch(bytes, { ...context, bots }).views.map(({ bot }) => bot);
    expect(areBots(new Bots())).toEqual([true, false, false]);
    expect(areBots(undefined)).toEqual([false, false, false]);
  });
});

describe("thousandths", () => {
  it("should be the digits that a share was written with, and never more than it", () => {
    for (let k = 0; k <= 1_000; k++) expect(thousandths(k / 1_000)).toBe(k);
    expect(thousandths(0.569999999999999)).toBe(569);
    expect(thousandths(-0)).toBe(0);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        const k = thousandths(share);
        expect(k / 1_000).toBeLessThanOrEqual(share);
        expect((k + 1) / 1_000).toBeGreaterThan(share);
      }),
    );
  });
});

describe("Bots", () => {
  it("should answer the same, whether it remembers or not", () => {
    const bots = new Bots();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 6_000; i++) {
        expect(bots.has(`${firefox} ${i}`)).toBe(false);
        expect(bots.has(`${googlebot} ${i % 100}`)).toBe(true);
      }
    }
  });
});
