import type { MessageInitShape } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DimensionKind, Metric, type FilterSchema } from "../../../gen/analytics/v1/query_pb.js";
import { by, lines, startAudience, type Audience } from "./support.ts";

type Filter = MessageInitShape<typeof FilterSchema>;

const { VIDEO, COUNTRY, DEVICE, REFERRER, REFERRER_HOST, PROPERTY } = DimensionKind;

const allOf = (...filters: Filter[]): Filter => ({
  condition: { case: "allOf", value: { filters } },
});
const anyOf = (...filters: Filter[]): Filter => ({
  condition: { case: "anyOf", value: { filters } },
});
const not = (value: Filter): Filter => ({ condition: { case: "not", value } });
const isIn = (dimension: ReturnType<typeof by>, ...values: string[]): Filter => ({
  condition: { case: "in", value: { dimension, values } },
});
const begins = (dimension: ReturnType<typeof by>, prefix: string): Filter => ({
  condition: { case: "prefix", value: { dimension, prefix } },
});

const views = [
  {
    videoName: "all",
    country: "NL",
    device: "tv",
    referrer: "https://a.test/x",
    properties: { plan: "free" },
  },
  { videoName: "alone", country: "DE", device: "tv", referrer: "https://www.a.test/y" },
  { videoName: "Alto", country: "NL", properties: { plan: "paid" } },
  { videoName: "al%", device: "phone" },
  { videoName: "o'hara" },
];

/** The videos whose views pass some filters. */
async function passing({ ask }: Audience, ...filters: Filter[]): Promise<string[]> {
  const answer = await ask({ metrics: [Metric.VIEWS], dimensions: [by(VIDEO)], filters });
  return answer.rows.flatMap(({ values }) => values);
}

describe("the filters of QueryViews", () => {
  it("should take values exactly, and the empty one for views that have none", async () => {
    const audience = await startAudience(views);
    expect(await passing(audience, isIn(by(COUNTRY), "NL", "FR"))).toEqual(["Alto", "all"]);
    expect(await passing(audience, isIn(by(COUNTRY), "nl"))).toEqual([]);
    expect(await passing(audience, isIn(by(COUNTRY), ""))).toEqual(["al%", "o'hara"]);
    expect(await passing(audience, isIn(by(DEVICE), "phone", ""))).toEqual([
      "Alto",
      "al%",
      "o'hara",
    ]);
    expect(await passing(audience, isIn(by(REFERRER), "https://a.test/x"))).toEqual(["all"]);
    expect(await passing(audience, isIn(by(REFERRER_HOST), "a.test"))).toEqual(["all", "alone"]);
    expect(await passing(audience, isIn(by(REFERRER_HOST), ""))).toEqual(["Alto", "al%", "o'hara"]);
    expect(await passing(audience, isIn(by(PROPERTY, "plan"), "paid"))).toEqual(["Alto"]);
    expect(await passing(audience, isIn(by(PROPERTY, "plan"), ""))).toEqual([
      "al%",
      "alone",
      "o'hara",
    ]);
  });

  it("should take views without a value for views that do not have another one", async () => {
    const audience = await startAudience(views);
    expect(await passing(audience, not(isIn(by(COUNTRY), "NL")))).toEqual([
      "al%",
      "alone",
      "o'hara",
    ]);
    expect(await passing(audience, not(isIn(by(COUNTRY), "")))).toEqual(["Alto", "all", "alone"]);
    expect(await passing(audience, not(begins(by(DEVICE), "t")))).toEqual([
      "Alto",
      "al%",
      "o'hara",
    ]);
    expect(await passing(audience, not(isIn(by(PROPERTY, "plan"), "free")))).toHaveLength(4);
    expect(await passing(audience, not(begins(by(REFERRER_HOST), "a.")))).toHaveLength(3);
    expect(await passing(audience, not(not(isIn(by(COUNTRY), "NL"))))).toEqual(["Alto", "all"]);
  });

  it("should know videos by their names, and match none that it does not know", async () => {
    const audience = await startAudience(views);
    expect(await passing(audience, isIn(by(VIDEO), "o'hara", "nothing"))).toEqual(["o'hara"]);
    expect(await passing(audience, isIn(by(VIDEO), "nothing", ""))).toEqual([]);
    expect(await passing(audience, not(isIn(by(VIDEO), "nothing")))).toHaveLength(5);
    expect(await passing(audience, begins(by(VIDEO), "al"))).toEqual(["al%", "all", "alone"]);
    expect(await passing(audience, begins(by(VIDEO), "al%"))).toEqual(["al%"]);
    expect(await passing(audience, begins(by(VIDEO), "nothing"))).toEqual([]);
    expect(await passing(audience, not(begins(by(VIDEO), "al")))).toEqual(["Alto", "o'hara"]);
  });

  it("should combine filters", async () => {
    const audience = await startAudience(views);
    const onTv = isIn(by(DEVICE), "tv");
    const dutch = isIn(by(COUNTRY), "NL");
    expect(await passing(audience, onTv, dutch)).toEqual(["all"]);
    expect(await passing(audience, allOf(onTv, dutch))).toEqual(["all"]);
    expect(await passing(audience, anyOf(onTv, dutch))).toEqual(["Alto", "all", "alone"]);
    expect(await passing(audience, not(anyOf(onTv, dutch)))).toEqual(["al%", "o'hara"]);
    expect(
      await passing(audience, anyOf(allOf(onTv, not(dutch)), isIn(by(VIDEO), "o'hara"))),
    ).toEqual(["alone", "o'hara"]);
  });

  it("should take a thousand values, and many filters", async () => {
    const audience = await startAudience(views);
    const values = Array.from({ length: 999 }, (_, index) => `it's ${index}`);
    expect(await passing(audience, isIn(by(COUNTRY), ...values, "NL"))).toEqual(["Alto", "all"]);
    expect(await passing(audience, not(isIn(by(COUNTRY), ...values, "NL")))).toHaveLength(3);
    expect(await passing(audience, isIn(by(VIDEO), ...values, "all"))).toEqual(["all"]);
    const many = Array.from({ length: 50 }, () => not(isIn(by(PROPERTY, "plan"), ...values)));
    expect(await passing(audience, ...many)).toHaveLength(5);
  });

  it("should take any text for what it is", async () => {
    const audience = await startAudience([]);
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    const odd = fc.constantFrom(
      "'",
      '"',
      "\\",
      "?",
      "$1",
      "/",
      "~1",
      "*",
      "[0]",
      "$.a",
      "--",
      "%",
      "_",
      "0",
    );
    const any = fc.oneof(text, odd);
    await fc.assert(
      fc.asyncProperty(fc.uuid(), any, any, async (videoName, name, value) => {
        await audience.log({ videoName, properties: { [name]: value }, device: value });
        const mine = isIn(by(VIDEO), videoName);
        const found = async (filter: Filter) => (await passing(audience, mine, filter)).length;
        expect(await found(isIn(by(PROPERTY, name), value))).toBe(1);
        expect(await found(begins(by(PROPERTY, name), value))).toBe(1);
        expect(await found(isIn(by(DEVICE), value))).toBe(1);
        const dimensions = [by(PROPERTY, name), by(DEVICE)];
        const answer = await audience.ask({ metrics: [Metric.VIEWS], dimensions, filters: [mine] });
        expect(answer.rows.map(({ values }) => values)).toEqual([[value, value]]);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it("should know the hosts of all kinds of referrers", async () => {
    const hosts: Record<string, string> = {
      "https://example.org": "example.org",
      "HTTPS://WWW.Example.ORG/": "example.org",
      "http://user:secret@example.org:8080/a@b": "example.org",
      "https://example.org?x=y": "example.org",
      "https://example.org#www.other.test": "example.org",
      "android-app://com.example.app/": "com.example.app",
      "https://[2001:db8::1]:8443/x": "[2001:db8::1]",
      "https://wwwexample.org/": "wwwexample.org",
      "https://www.www.org/": "www.org",
      "https:///path": "-",
      "/local/path": "-",
      "example.org": "-",
      "mailto:ann@example.org": "-",
      "see https://example.org": "-",
      "1http://example.org": "-",
    };
    const { ask } = await startAudience(
      Object.keys(hosts).map((referrer) => ({ videoName: "v", referrer })),
    );
    const answer = await ask({
      metrics: [Metric.VIEWS],
      dimensions: [by(REFERRER), by(REFERRER_HOST)],
    });
    expect(lines(answer).toSorted()).toEqual(
      Object.entries(hosts)
        .map(([referrer, host]) => `${referrer} ${host} 1`)
        .toSorted(),
    );
  });
});
