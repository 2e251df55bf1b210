import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BadRequestSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { ShelfKind, ShelfSchema } from "../../../gen/marketplace/v1/marketplace_service_pb.js";
import { FeedbackKind } from "../../../gen/recommendations/v1/feedback_pb.js";
import { OutcomeKind } from "../../../gen/recommendations/v1/outcome_pb.js";
import { debounce } from "../../../src/web/storefront/debounce.ts";
import { deviceOf, foreignReferrer } from "../../../src/web/storefront/device.ts";
import { noOpinion, opinionAfter } from "../../../src/web/storefront/opinion.ts";
import { OutcomeReport } from "../../../src/web/storefront/outcomes.ts";
import { shownShelves } from "../../../src/web/storefront/shown-shelves.ts";
import { signUpFaults } from "../../../src/web/storefront/sign-up.ts";
import { activeAfter } from "../../../src/web/storefront/suggestions.ts";
import { ItemSchema } from "../../../gen/catalog/v1/item_pb.js";
import { LOADED, loadingMark } from "../../../src/sample/mark.ts";
import { sampleOfferFor } from "../../../src/web/storefront/sample-mark.ts";
import { barsOf, firstDay } from "../../../src/web/storefront/views-chart.ts";
import { WatchClock } from "../../../src/web/storefront/watch-clock.ts";
import { categoryName, counted, initials, listOfNames } from "../../../src/web/storefront/words.ts";

describe("initials", () => {
  it.each([
    ["Ada Lovelace", "AL"],
    ["Ada (sample)", "A"],
    ["Ursula K. Le Guin", "UG"],
    ['Ann "x"', "AX"],
    ["émile", "É"],
    ["", ""],
  ])("should be the first letters of %j", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe("The offer of sample data", () => {
  it("should be to load it where nothing is, and to finish what was broken off", () => {
    const item = (sample: string) => create(ItemSchema, { properties: { sample } });
    expect(sampleOfferFor([])).toBe("load");
    expect(sampleOfferFor([item(loadingMark(Date.now()))])).toBe("finish");
    expect(sampleOfferFor([item(LOADED)])).toBeUndefined();
    expect(sampleOfferFor([create(ItemSchema)])).toBeUndefined();
  });
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("debounce", () => {
  it("should run the last call once calls have paused, and abort the run before", () => {
    const runs: { text: string; signal: AbortSignal }[] = [];
    const search = debounce((signal, text: string) => runs.push({ text, signal }), 100);
    search.call("e");
    vi.advanceTimersByTime(99);
    search.call("em");
    vi.advanceTimersByTime(99);
    expect(runs).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(runs.map(({ text }) => text)).toEqual(["em"]);
    search.call("emma");
    expect(runs[0]?.signal.aborted).toBe(true);
    vi.advanceTimersByTime(100);
    expect(runs.map(({ text }) => text)).toEqual(["em", "emma"]);
    expect(runs[1]?.signal.aborted).toBe(false);
  });

  it("should neither run nor go on once it is cancelled", () => {
    const runs: AbortSignal[] = [];
    const search = debounce((signal) => runs.push(signal), 100);
    search.call();
    vi.advanceTimersByTime(100);
    search.call();
    search.cancel();
    vi.advanceTimersByTime(1_000);
    expect(runs.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe("OutcomeReport", () => {
  it("should tell everything once, together, and clicks at once", () => {
    const sent: unknown[][] = [];
    const report = new OutcomeReport(async (outcomes) => sent.push(outcomes));
    report.seen("r1", "emma");
    report.seen("r1", "emma");
    report.seen("r1", "dracula");
    report.seen("", "persuasion");
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1_000);
    const kind = OutcomeKind.IMPRESSION;
    expect(sent).toEqual([
      [
        { recommendationId: "r1", itemId: "emma", kind },
        { recommendationId: "r1", itemId: "dracula", kind },
      ],
    ]);
    report.clicked("r1", "emma");
    report.clicked("r1", "emma");
    expect(sent.slice(1)).toEqual([
      [{ recommendationId: "r1", itemId: "emma", kind: OutcomeKind.CLICK }],
    ]);
    vi.advanceTimersByTime(1_000);
    expect(sent).toHaveLength(2);
  });
});

describe("WatchClock", () => {
  it("should count the time in view only", () => {
    let now = 1_000;
    const clock = new WatchClock(() => now);
    expect(clock.watchedMs).toBe(0);
    clock.start();
    now += 300;
    clock.start();
    expect(clock.watchedMs).toBe(300);
    clock.stop();
    now += 5_000;
    clock.stop();
    expect(clock.watchedMs).toBe(300);
    clock.start();
    now += 20;
    clock.stop();
    expect(clock.watchedMs).toBe(320);
  });
});

describe("A view", () => {
  it("should tell the device by its pointer and its screen", () => {
    expect(deviceOf(true, { width: 390, height: 844 })).toBe("phone");
    expect(deviceOf(true, { width: 844, height: 390 })).toBe("phone");
    expect(deviceOf(true, { width: 1_024, height: 768 })).toBe("tablet");
    expect(deviceOf(false, { width: 390, height: 844 })).toBe("desktop");
  });

  it("should tell where it came from, if that is another site", () => {
    const own = "http://localhost:8080";
    expect(foreignReferrer("https://example.org/a?b", own)).toBe("https://example.org/a?b");
    expect(foreignReferrer("http://localhost:8080/search", own)).toBe("");
    expect(foreignReferrer("", own)).toBe("");
    expect(foreignReferrer(`https://example.org/${"a".repeat(3_000)}`, own)).toHaveLength(2_048);
  });
});

describe("The suggestions", () => {
  it("should be gone through in a circle, by way of the text", () => {
    const down = [-1, 0, 1].map((active) => activeAfter("ArrowDown", active, 2));
    expect(down).toEqual([0, 1, -1]);
    const up = [-1, 0, 1].map((active) => activeAfter("ArrowUp", active, 2));
    expect(up).toEqual([1, -1, 0]);
    expect(activeAfter("ArrowDown", -1, 0)).toBe(-1);
    expect(activeAfter("a", 1, 2)).toBe(1);
  });
});

describe("The chart of views", () => {
  it("should have a bar for each day, as tall as its views", () => {
    const days = [0, 5, 10, 1].map((views, at) => ({ start: new Date(2026, 0, at + 1), views }));
    const bars = barsOf(days, { width: 100, height: 50 });
    expect(bars.map(({ height }) => height)).toEqual([0, 25, 50, 5]);
    expect(bars.map(({ y }) => y)).toEqual([50, 25, 0, 45]);
    expect(bars.every(({ x, width }) => x >= 0 && x + width <= 100)).toBe(true);
    // However many the others have, a view is seen.
    const uneven = [1, 1_000_000].map((views, at) => ({ start: new Date(2026, 0, at + 1), views }));
    const [few] = barsOf(uneven, { width: 100, height: 50 });
    expect(few?.height).toBe(2);
  });

  it("should begin at a midnight", () => {
    expect(firstDay(new Date(2026, 2, 1, 15, 30), 30)).toEqual(new Date(2026, 0, 31));
    expect(firstDay(new Date(2026, 1, 28, 15, 30), 0)).toEqual(new Date(2026, 2, 1));
  });
});

describe("An opinion", () => {
  it("should be put together of what was said", () => {
    const said = [
      { kind: FeedbackKind.LIKE, value: 0 },
      { kind: FeedbackKind.RATING, value: 2 },
      { kind: FeedbackKind.VIEW, value: 0 },
      { kind: FeedbackKind.RATING, value: 4 },
    ];
    const opinion = said.reduce(opinionAfter, noOpinion);
    expect(opinion).toEqual({ isLiked: true, isDismissed: false, rating: 4 });
    expect(opinionAfter(opinion, { kind: FeedbackKind.DISMISS, value: 0 }).isDismissed).toBe(true);
  });
});

describe("The shelves", () => {
  const shelf = (kind: ShelfKind, ...ids: string[]) =>
    create(ShelfSchema, { kind, items: ids.map((id) => ({ item: { id } })) });

  it("should leave out what trends where nothing else is recommended", () => {
    const recommended = shelf(ShelfKind.RECOMMENDED, "emma", "dracula");
    const viewed = shelf(ShelfKind.RECENTLY_VIEWED, "emma", "dracula");
    const same = shelf(ShelfKind.TRENDING, "dracula", "emma");
    const other = shelf(ShelfKind.TRENDING, "dracula", "carmilla");
    expect(shownShelves([recommended, viewed, same])).toEqual([recommended, viewed]);
    expect(shownShelves([recommended, viewed, other])).toEqual([recommended, viewed, other]);
    // An empty one says whether something is wrong.
    const empty = [shelf(ShelfKind.RECOMMENDED), shelf(ShelfKind.TRENDING)];
    expect(shownShelves(empty)).toEqual(empty);
  });
});

describe("Signing up", () => {
  it("should say what is wrong at the fields that are at fault", () => {
    const violations = [
      { field: "email", description: "Must be an email address." },
      { field: "email", description: "Must be shorter." },
      { field: "image_url", description: "Must be a URL." },
    ];
    const error = new ConnectError("email: wrong", Code.InvalidArgument, undefined, [
      { desc: BadRequestSchema, value: { fieldViolations: violations } },
    ]);
    expect(signUpFaults(error)).toEqual({
      at: { email: "Must be an email address." },
      elsewhere: "",
    });
  });

  it("should say above all fields what is wrong with none of them", () => {
    const faults = signUpFaults(new ConnectError("stopping", Code.Unavailable));
    expect(faults.at).toEqual({});
    expect(faults.elsewhere).toBe("The server is busy, or about to stop.");
  });
});

describe("The words of the storefront", () => {
  it("should be those that people read", () => {
    expect(categoryName("science-fiction")).toBe("Science fiction");
    expect(counted(1n, "view")).toBe("1 view");
    expect(counted(12_345n, "view")).toBe("12,345 views");
    expect(listOfNames(["Ann", "Bob", "Eve"])).toBe("Ann, Bob, Eve");
    expect(listOfNames(["Ann", "Bob", "Eve", "Dan"])).toBe("Ann, Bob and 2 others");
    expect(["Ann Okafor", "désirée van den berg", "Plato", ""].map(initials)).toEqual([
      "AO",
      "DB",
      "P",
      "",
    ]);
  });
});
