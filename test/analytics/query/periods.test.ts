import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { DimensionKind, Granularity, Metric } from "../../../gen/analytics/v1/query_pb.js";
import { at, by, interval, lines, startAudience, type Question } from "./support.ts";

const { VIEWS, UNIQUE_VIEWERS, AVERAGE_WATCH_DURATION } = Metric;
const { VIDEO, COUNTRY } = DimensionKind;
const { HOUR, DAY, WEEK, MONTH } = Granularity;

describe("QueryViews over time", () => {
  it("should fill the buckets of a closed interval from its beginning to its end", async () => {
    const { ask } = await startAudience([{ videoName: "v", at: "2024-03-02T10:00Z" }]);
    const days = await ask({
      metrics: [VIEWS, UNIQUE_VIEWERS, AVERAGE_WATCH_DURATION],
      interval: interval("2024-03-01T05:00Z", "2024-03-03T00:00:00.001Z"),
      granularity: DAY,
    });
    expect(lines(days)).toEqual([
      "2024-03-01T00:00Z 0 0",
      "2024-03-02T00:00Z 1 0 0ms",
      "2024-03-03T00:00Z 0 0",
    ]);
  });

  it("should fill buckets without any view, if there is no dimension", async () => {
    const { ask } = await startAudience([]);
    const question = {
      metrics: [VIEWS],
      interval: interval("2024-03-01T00:00Z", "2024-03-03T00:00Z"),
      granularity: DAY,
    };
    expect(lines(await ask(question))).toEqual(["2024-03-01T00:00Z 0", "2024-03-02T00:00Z 0"]);
    const byVideo = { ...question, dimensions: [by(VIDEO)] };
    expect((await ask(byVideo)).rows).toEqual([]);
  });

  it("should begin and end an open interval with the views that are counted", async () => {
    const { ask } = await startAudience([
      { videoName: "v", country: "US", at: "2024-02-20T10:00Z" },
      { videoName: "v", country: "NL", at: "2024-03-01T10:00Z" },
      { videoName: "v", country: "NL", at: "2024-03-03T10:00Z" },
      { videoName: "v", country: "US", at: "2024-03-20T10:00Z" },
    ]);
    const question: Question = {
      metrics: [VIEWS],
      granularity: DAY,
      filters: [
        {
          condition: {
            case: "in",
            value: { dimension: by(COUNTRY), values: ["NL"] },
          },
        },
      ],
    };
    expect(lines(await ask(question))).toEqual([
      "2024-03-01T00:00Z 1",
      "2024-03-02T00:00Z 0",
      "2024-03-03T00:00Z 1",
    ]);
    const from = await ask({ ...question, interval: { startTime: at("2024-03-02T00:00Z") } });
    expect(lines(from)).toEqual(["2024-03-02T00:00Z 0", "2024-03-03T00:00Z 1"]);
    const until = await ask({ ...question, interval: { endTime: at("2024-03-03T00:00Z") } });
    expect(lines(until)).toEqual(["2024-03-01T00:00Z 1", "2024-03-02T00:00Z 0"]);
  });

  it("should fill the buckets of every combination of values that has a view", async () => {
    const { ask } = await startAudience([
      { videoName: "b", country: "NL", at: "2024-03-01T10:00Z" },
      { videoName: "a", country: "DE", at: "2024-03-02T10:00Z" },
      { videoName: "a", country: "DE", at: "2024-03-02T11:00Z" },
    ]);
    const answer = await ask({
      metrics: [VIEWS],
      dimensions: [by(VIDEO), by(COUNTRY)],
      granularity: DAY,
    });
    expect(lines(answer)).toEqual([
      "2024-03-01T00:00Z b NL 1",
      "2024-03-01T00:00Z a DE 0",
      "2024-03-02T00:00Z a DE 2",
      "2024-03-02T00:00Z b NL 0",
    ]);
  });

  it("should have buckets that begin in the time zone", async () => {
    const { ask } = await startAudience([
      { videoName: "v", at: "2024-03-30T22:59Z" },
      { videoName: "v", at: "2024-03-30T23:00Z" },
      { videoName: "v", at: "2024-03-31T21:59Z" },
      { videoName: "v", at: "2024-03-31T22:00Z" },
    ]);
    const days = await ask({ metrics: [VIEWS], granularity: DAY, timeZone: "Europe/Amsterdam" });
    expect(lines(days)).toEqual([
      "2024-03-29T23:00Z 1",
      "2024-03-30T23:00Z 2",
      "2024-03-31T22:00Z 1",
    ]);
    const weeks = await ask({ metrics: [VIEWS], granularity: WEEK, timeZone: "Europe/Amsterdam" });
    expect(lines(weeks)).toEqual(["2024-03-24T23:00Z 3", "2024-03-31T22:00Z 1"]);
    const months = await ask({ metrics: [VIEWS], granularity: MONTH, timeZone: "Asia/Kolkata" });
    expect(lines(months)).toEqual(["2024-02-29T18:30Z 2", "2024-03-31T18:30Z 2"]);
  });

  it("should count the viewers of each bucket once, of few buckets and of many", async () => {
    const { ask } = await startAudience([
      { videoName: "a", viewerId: "ann", at: "2024-02-28T10:00Z" },
      { videoName: "a", viewerId: "ben", at: "2024-02-28T11:00Z" },
      { videoName: "b", viewerId: "ben", at: "2024-02-28T11:30Z" },
      { videoName: "a", viewerId: "ann", at: "2024-03-01T10:10Z" },
      { videoName: "b", viewerId: "ann", at: "2024-03-01T10:20Z" },
      { videoName: "b", at: "2024-03-02T10:20Z" },
    ]);
    const question: Question = {
      metrics: [UNIQUE_VIEWERS],
      interval: interval("2024-03-01T00:00Z", "2024-03-03T00:00Z"),
      comparePrevious: true,
    };
    expect(lines(await ask(question))).toEqual(["1 before 2"]);
    const days = await ask({ ...question, granularity: DAY });
    expect(lines(days)).toEqual(["2024-03-01T00:00Z 1 before 2", "2024-03-02T00:00Z 0 before 0"]);
    const week = interval("2024-02-28T00:00Z", "2024-03-06T00:00Z");
    const hours = await ask({
      ...question,
      interval: week,
      granularity: HOUR,
      orderBy: [{ key: { case: "metric", value: UNIQUE_VIEWERS }, descending: true }],
      pageSize: 1_000,
    });
    expect(hours.rows).toHaveLength(168);
    expect(lines(hours).slice(0, 4)).toEqual([
      "2024-02-28T10:00Z 1 before 0",
      "2024-02-28T11:00Z 1 before 0",
      "2024-03-01T10:00Z 1 before 0",
      "2024-02-28T00:00Z 0 before 0",
    ]);
    const videos = await ask({ ...question, interval: week, dimensions: [by(VIDEO)] });
    expect(lines(videos)).toEqual(["a 2 before 0", "b 2 before 0"]);
    const byVideo = await ask({ ...question, dimensions: [by(VIDEO)], granularity: DAY });
    expect(lines(byVideo)).toEqual([
      "2024-03-01T00:00Z a 1 before 2",
      "2024-03-01T00:00Z b 1 before 1",
      "2024-03-02T00:00Z a 0 before 0",
      "2024-03-02T00:00Z b 0 before 0",
    ]);
  });

  it("should tell two hours of the same name apart", async () => {
    const { ask } = await startAudience([
      { videoName: "v", at: "2024-10-27T00:30Z" },
      { videoName: "v", at: "2024-10-27T01:30Z" },
      { videoName: "v", at: "2024-10-27T01:31Z" },
    ]);
    const hours = await ask({ metrics: [VIEWS], granularity: HOUR, timeZone: "Europe/Amsterdam" });
    expect(lines(hours)).toEqual(["2024-10-27T00:00Z 1", "2024-10-27T01:00Z 2"]);
  });

  it("should compare with the period before, bucket by bucket", async () => {
    const { ask } = await startAudience([
      { videoName: "v", at: "2024-01-31T10:00Z" },
      { videoName: "v", at: "2024-02-29T10:00Z" },
      { videoName: "v", at: "2024-03-01T10:00Z" },
      { videoName: "gone", at: "2024-02-02T10:00Z" },
      { videoName: "new", at: "2024-03-31T10:00Z" },
    ]);
    const month = {
      metrics: [VIEWS],
      interval: interval("2024-03-01T00:00Z", "2024-04-01T00:00Z"),
      comparePrevious: true,
    };
    const whole = await ask(month);
    expect(lines(whole)).toEqual(["2 before 2"]);
    expect(whole.previousInterval?.startTime).toEqual(at("2024-02-01T00:00Z"));
    expect(whole.previousInterval?.endTime).toEqual(at("2024-03-01T00:00Z"));
    const videos = await ask({ ...month, dimensions: [by(VIDEO)] });
    expect(lines(videos)).toEqual(["new 1 before 0", "v 1 before 1"]);
    const days = await ask({ ...month, granularity: DAY });
    expect(days.rows).toHaveLength(31);
    const previous = days.rows.map(({ previous: before }) => before?.views);
    // February has 29 days, and March two more.
    expect(previous.slice(0, 2)).toEqual([0n, 1n]);
    expect(previous.slice(28)).toEqual([1n, undefined, undefined]);
  });

  it("should not tell of a period before where none is asked for", async () => {
    const { ask } = await startAudience([{ videoName: "v", at: "2024-03-01T10:00Z" }]);
    const answer = await ask({
      metrics: [VIEWS],
      interval: interval("2024-03-01T00:00Z", "2024-04-01T00:00Z"),
    });
    expect(answer.previousInterval).toBeUndefined();
    expect(answer.rows[0]?.previous).toBeUndefined();
  });

  it("should refuse too many buckets, too many rows, and a period before all time", async () => {
    const { ask, client } = await startAudience([]);
    const years = interval("2000-01-01T00:00Z", "2024-01-01T00:00Z");
    await expect(
      ask({ metrics: [VIEWS], interval: years, granularity: HOUR }),
    ).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: expect.stringMatching(/^granularity: .*10000 buckets/),
    });
    await expect(
      ask({
        metrics: [VIEWS],
        interval: interval("0001-02-01T00:00Z", "0001-04-01T00:00Z"),
        comparePrevious: true,
      }),
    ).rejects.toMatchObject({ rawMessage: expect.stringMatching(/^compare_previous: /) });
    // 9,000 hours of 200 videos would be 1.8 million rows.
    const videos = Array.from({ length: 200 }, (_, video) => ({
      videoName: `v${video}`,
      startTime: at("2024-01-01T00:00Z"),
    }));
    const { position } = await client.analytics.logViews(
      (async function* () {
        yield { views: videos };
      })(),
    );
    const hours = {
      metrics: [VIEWS],
      dimensions: [by(VIDEO)],
      interval: interval("2024-01-01T00:00Z", "2025-01-10T00:00Z"),
      minPosition: position,
    };
    await expect(ask({ ...hours, granularity: HOUR })).rejects.toMatchObject({
      rawMessage: expect.stringMatching(/^granularity: .*1000000 rows/),
    });
    const days = await ask({ ...hours, granularity: DAY, pageSize: 10_000 });
    expect(days.rows).toHaveLength(10_000);
    expect(days.nextPageToken).not.toBe("");
  });

  it("should begin a week before the first moment that there is with that moment", async () => {
    const { ask } = await startAudience([]);
    const answer = await ask({
      metrics: [VIEWS],
      interval: interval("0001-01-01T00:00Z", "0001-01-02T00:00Z"),
      granularity: DAY,
      timeZone: "Asia/Tokyo",
    });
    expect(timestampMs(answer.rows[0]?.startTime ?? at("2000-01-01T00:00Z"))).toBe(
      Date.parse("0001-01-01T00:00Z"),
    );
  });
});
