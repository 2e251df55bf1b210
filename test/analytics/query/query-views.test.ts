import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { DimensionKind, Granularity, Metric } from "../../../gen/analytics/v1/query_pb.js";
import { at, by, interval, lines, startAudience, type Question } from "./support.ts";

const { VIEWS, UNIQUE_VIEWERS, WATCH_DURATION, AVERAGE_WATCH_DURATION } = Metric;
const { AVERAGE_PROGRESS, COMPLETION_RATE, BOT_VIEWS } = Metric;
const { VIDEO, COUNTRY, DEVICE, REFERRER, REFERRER_HOST, PROPERTY } = DimensionKind;
const BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

const views = [
  {
    videoName: "b",
    viewerId: "ann",
    country: "NL",
    device: "tv",
    at: "2024-03-01T10:00Z",
    watchDuration: { seconds: 10n },
    progress: 1,
    properties: { plan: "free", "a/b~c": "x" },
    referrer: "https://www.Example.org:8080/path?x=//y",
  },
  {
    videoName: "b",
    viewerId: "ben",
    country: "DE",
    device: "tv",
    at: "2024-03-01T11:00Z",
    watchDuration: { seconds: 5n },
    progress: 0.25,
    properties: { plan: "paid" },
    referrer: "http://user@search.test?q=1",
  },
  {
    videoName: "a",
    viewerId: "ann",
    country: "NL",
    device: "phone",
    at: "2024-03-03T10:00Z",
    referrer: "the newspaper",
  },
  { videoName: "c", at: "2024-03-04T10:00Z" },
];

describe("QueryViews", () => {
  it("should count all views together, with every figure that is asked for and no other", async () => {
    const { ask } = await startAudience(views);
    const { rows } = await ask({
      metrics: [
        VIEWS,
        UNIQUE_VIEWERS,
        WATCH_DURATION,
        AVERAGE_WATCH_DURATION,
        AVERAGE_PROGRESS,
        COMPLETION_RATE,
        BOT_VIEWS,
      ],
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.startTime).toBeUndefined();
    expect(rows[0]?.values).toEqual([]);
    expect(rows[0]?.metrics).toMatchObject({
      views: 4n,
      uniqueViewers: 2n,
      watchDuration: { seconds: 15n, nanos: 0 },
      averageWatchDuration: { seconds: 3n, nanos: 750_000_000 },
      averageProgress: 0.625,
      completionRate: 0.5,
      botViews: 0n,
    });
    const few = await ask({ metrics: [UNIQUE_VIEWERS] });
    expect(lines(few)).toEqual(["2"]);
    expect(few.rows[0]?.metrics?.views).toBeUndefined();
  });

  it("should say of no views what there is to say", async () => {
    const { ask } = await startAudience([]);
    const metrics = [VIEWS, AVERAGE_WATCH_DURATION, AVERAGE_PROGRESS, COMPLETION_RATE];
    const { rows } = await ask({ metrics });
    expect(rows).toMatchObject([{ metrics: { views: 0n } }]);
    expect(rows[0]?.metrics?.averageWatchDuration).toBeUndefined();
    expect(rows[0]?.metrics?.averageProgress).toBeUndefined();
    expect(rows[0]?.metrics?.completionRate).toBeUndefined();
    expect((await ask({ metrics, dimensions: [by(COUNTRY)] })).rows).toEqual([]);
    expect((await ask({ metrics, granularity: Granularity.DAY })).rows).toEqual([]);
  });

  it("should count a view by its last heartbeat", async () => {
    const { ask, log } = await startAudience([]);
    const view = { videoName: "v", viewId: "1", viewerId: "ann", at: "2024-03-01T10:00Z" };
    await log(
      { ...view, country: "NL", progress: 0.5, watchDuration: { seconds: 5n } },
      { ...view, country: "DE", progress: 0.96, watchDuration: { seconds: 9n } },
    );
    const metrics = [VIEWS, UNIQUE_VIEWERS, WATCH_DURATION, AVERAGE_PROGRESS, COMPLETION_RATE];
    const answer = await ask({ metrics, dimensions: [by(COUNTRY)] });
    expect(lines(answer)).toEqual(["NL 1 1 9000ms 0.96 1"]);
  });

  it("should count by each dimension, views without a value under the empty one", async () => {
    const { ask } = await startAudience(views);
    const counts = async (kind: DimensionKind, property = "") =>
      lines(await ask({ metrics: [VIEWS], dimensions: [by(kind, property)] }));
    expect(await counts(VIDEO)).toEqual(["b 2", "a 1", "c 1"]);
    expect(await counts(COUNTRY)).toEqual(["NL 2", "- 1", "DE 1"]);
    expect(await counts(DEVICE)).toEqual(["tv 2", "- 1", "phone 1"]);
    expect(await counts(REFERRER_HOST)).toEqual(["- 2", "example.org 1", "search.test 1"]);
    expect(await counts(REFERRER)).toEqual([
      "- 1",
      "http://user@search.test?q=1 1",
      "https://www.Example.org:8080/path?x=//y 1",
      "the newspaper 1",
    ]);
    expect(await counts(PROPERTY, "plan")).toEqual(["- 2", "free 1", "paid 1"]);
    expect(await counts(PROPERTY, "a/b~c")).toEqual(["- 3", "x 1"]);
    expect(await counts(PROPERTY, "$.plan")).toEqual(["- 4"]);
  });

  it("should count by several dimensions in the order of the request", async () => {
    const { ask } = await startAudience(views);
    const answer = await ask({
      metrics: [VIEWS, UNIQUE_VIEWERS],
      dimensions: [by(DEVICE), by(VIDEO), by(COUNTRY)],
    });
    expect(lines(answer)).toEqual(["- c - 1 0", "phone a NL 1 1", "tv b DE 1 1", "tv b NL 1 1"]);
  });

  it("should order rows by the keys of the request, absent figures last", async () => {
    const { ask } = await startAudience(views);
    const ordered = async (...orderBy: NonNullable<Parameters<typeof ask>[0]["orderBy"]>) =>
      lines(
        await ask({
          metrics: [VIEWS, AVERAGE_PROGRESS],
          dimensions: [by(VIDEO), by(COUNTRY)],
          orderBy,
        }),
      ).map((line) => line.slice(0, 4));
    const metric = (value: Metric) => ({ case: "metric", value }) as const;
    const dimension = (value: number) => ({ case: "dimension", value }) as const;
    expect(await ordered({ key: metric(AVERAGE_PROGRESS) })).toEqual([
      "b DE",
      "b NL",
      "a NL",
      "c - ",
    ]);
    expect(await ordered({ key: metric(AVERAGE_PROGRESS), descending: true })).toEqual([
      "b NL",
      "b DE",
      "a NL",
      "c - ",
    ]);
    expect(await ordered({ key: dimension(1), descending: true })).toEqual([
      "c - ",
      "b DE",
      "b NL",
      "a NL",
    ]);
    expect(await ordered({ key: dimension(2) }, { key: dimension(1), descending: true })).toEqual([
      "c - ",
      "b DE",
      "b NL",
      "a NL",
    ]);
  });

  it("should order equal rows by the names of videos, not by when they came", async () => {
    const names = ["m", "z", "a", "\u{1f600}", "\uff5e", "B", "é"];
    const { ask } = await startAudience(names.map((videoName) => ({ videoName })));
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const question = { metrics: [VIEWS], dimensions: [by(VIDEO)] };
    expect(lines(await ask(question))).toEqual(sorted.map((name) => `${name} 1`));
    const paged: string[] = [];
    let pageToken = "";
    do {
      const page = await ask({ ...question, pageSize: 2, pageToken });
      paged.push(...page.rows.flatMap(({ values }) => values));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(paged).toEqual(sorted);
  });

  it("should order averages that are the same to the nanosecond alike on pages of any size", async () => {
    const { client, ask } = await startAudience([]);
    const ingest = client.ingest();
    // A millisecond by 3,000 and by 3,001: both are 333 ns, and the first is more.
    for (const [videoName, count] of [
      ["b", 3_000],
      ["a", 3_001],
    ] as const) {
      await ingest.log({ videoName, watchDuration: { nanos: 1_000_000 } });
      for (let times = 1; times < count; times++) await ingest.log({ videoName });
    }
    await ingest.close();
    const question: Question = {
      metrics: [AVERAGE_WATCH_DURATION],
      dimensions: [by(VIDEO)],
      minPosition: ingest.position,
    };
    const all = ["b 0ms", "a 0ms"];
    expect(lines(await ask(question))).toEqual(all);
    const first = await ask({ ...question, pageSize: 1 });
    const second = await ask({ ...question, pageSize: 1, pageToken: first.nextPageToken });
    expect([...lines(first), ...lines(second)]).toEqual(all);
  });

  it("should tell values apart that differ in a mark at their beginning", async () => {
    const devices = ["tv", "\ufefftv", "\ufeff"];
    const { ask } = await startAudience([
      ...devices.map((device) => ({ videoName: "a", viewerId: "ann", device })),
      { videoName: "a", viewerId: "ben", device: "tv" },
    ]);
    const answer = await ask({ metrics: [VIEWS, UNIQUE_VIEWERS], dimensions: [by(DEVICE)] });
    expect(lines(answer)).toEqual(["tv 2 2", "\ufeff 1 1", "\ufefftv 1 1"]);
  });

  it("should bind a page token to the request, whatever its page size", async () => {
    const { ask } = await startAudience(views);
    const question = { metrics: [VIEWS], dimensions: [by(VIDEO)], pageSize: 1 };
    const { nextPageToken: pageToken } = await ask(question);
    expect(lines(await ask({ ...question, pageToken, pageSize: 5 }))).toEqual(["a 1", "c 1"]);
    const others: Question[] = [
      { metrics: [VIEWS, UNIQUE_VIEWERS] },
      { dimensions: [by(COUNTRY)] },
      { timeZone: "Europe/Amsterdam" },
      { interval: { endTime: at("2025-01-01T00:00Z") } },
      {
        filters: [{ condition: { case: "prefix", value: { dimension: by(VIDEO), prefix: "b" } } }],
      },
    ];
    for (const other of others) {
      await expect(ask({ ...question, ...other, pageToken } as Question)).rejects.toMatchObject({
        code: Code.InvalidArgument,
        rawMessage: expect.stringMatching(/^page_token: /),
      });
    }
  });

  it("should count bots only where they are asked for", async () => {
    const { ask } = await startAudience(
      [
        { videoName: "v", viewerId: "ann", country: "NL", at: "2024-03-01T10:00Z" },
        { videoName: "v", viewerId: "x", country: "US", userAgent: BOT, at: "2024-03-03T10:00Z" },
      ],
      { MARQUEE_BOTS: "apart" },
    );
    const question = { metrics: [VIEWS, UNIQUE_VIEWERS], dimensions: [by(COUNTRY)] };
    expect(lines(await ask(question))).toEqual(["NL 1 1"]);
    const days = { metrics: [VIEWS], granularity: Granularity.DAY };
    expect(lines(await ask(days))).toEqual(["2024-03-01T00:00Z 1"]);
    const metrics = [VIEWS, UNIQUE_VIEWERS, BOT_VIEWS];
    expect(lines(await ask({ ...question, metrics }))).toEqual(["NL 1 1 0", "US 0 0 1"]);
    expect((await ask({ ...days, metrics })).rows).toHaveLength(3);
  });

  it("should wait for a position, and refuse one beyond the end of the log", async () => {
    const { ask } = await startAudience(views);
    expect((await ask({ metrics: [VIEWS] })).position).toBe(4n);
    await expect(ask({ metrics: [VIEWS], minPosition: 5n })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "min_position: Must not be beyond the end of the log, which is at 4.",
    });
    const empty = interval("2024-03-01T00:00Z", "2024-03-01T00:00Z");
    const question = { metrics: [VIEWS], interval: empty, granularity: Granularity.DAY };
    expect(await ask(question)).toMatchObject({ rows: [], position: 4n });
  });
});
