import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  ShelfKind,
  ShelfStatus,
  type GetStorefrontResponse,
  type Shelf,
} from "../../gen/marketplace/v1/marketplace_service_pb.js";
import type { MarqueeClient } from "../../src/client/client.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { spawnServer } from "../support/process.ts";
import { startServer } from "../support/server.ts";

const { OK, UNAVAILABLE, DEGRADED } = ShelfStatus;
const { RECOMMENDED, RECENTLY_VIEWED, TRENDING, CATEGORY } = ShelfKind;

/** Forty books: of each of four categories ten. */
async function fill({ catalog, analytics }: MarqueeClient): Promise<void> {
  const categories = ["romance", "mystery", "poetry", "travel"];
  await catalog.upsertItems({
    items: Array.from({ length: 40 }, (_, index) => ({
      id: `book-${index}`,
      title: `Book ${index}`,
      creators: [`Author ${index % 7}`],
      categories: [categories[index % 4] as string],
    })),
  });
  // Five readers of romance, two of mysteries.
  for (const [viewer, first] of [
    ["a", 0],
    ["b", 0],
    ["c", 4],
    ["d", 8],
    ["e", 0],
    ["f", 1],
    ["g", 1],
  ] as const) {
    for (const step of [0, 4, 12, 20]) {
      await analytics.logView({ videoName: `book-${first + step}`, viewerId: viewer });
    }
  }
}

/** What shelves there are, with their status. */
function outline({ shelves }: GetStorefrontResponse): string[] {
  return shelves.map(({ kind, category, status }) =>
    [ShelfKind[kind], category, ShelfStatus[status]].filter((word) => word !== "").join(" "),
  );
}

function shelf({ shelves }: GetStorefrontResponse, wanted: ShelfKind, category = ""): Shelf {
  const found = shelves.find((one) => one.kind === wanted && one.category === category);
  if (found === undefined) throw new Error(`there is no shelf ${ShelfKind[wanted]} ${category}`);
  return found;
}

function ids({ items }: Shelf): (string | undefined)[] {
  return items.map(({ item }) => item?.id);
}

describe("GetStorefront", () => {
  it("should gather shelves for a user, with what the catalog says and reasons", async () => {
    const { client } = await startServer();
    await fill(client);
    const page = await client.marketplace.getStorefront({ userId: "a", shelfSize: 5 });
    expect(outline(page)).toEqual([
      "RECOMMENDED OK",
      "RECENTLY_VIEWED OK",
      "TRENDING OK",
      // What is recommended is of romances mostly.
      "CATEGORY romance OK",
      ...["mystery", "poetry", "travel"].map(() => expect.stringMatching(/^CATEGORY \w+ OK$/)),
    ]);
    const recommended = shelf(page, RECOMMENDED);
    expect(recommended.items).toHaveLength(5);
    for (const { item, reason } of recommended.items) {
      expect(item?.creators).toHaveLength(1);
      expect(reason).not.toBe("");
    }
    expect(page.recommendationId).not.toBe("");
    expect(ids(shelf(page, RECENTLY_VIEWED))).toEqual(["book-20", "book-12", "book-4", "book-0"]);
    expect(shelf(page, TRENDING).items).toHaveLength(5);
    const romances = shelf(page, CATEGORY, "romance");
    expect(romances.items.length).toBeGreaterThan(0);
    for (const { item } of romances.items) expect(item?.categories).toEqual(["romance"]);
    // Nothing stands on two of the shelves that choose for the user.
    const chosen = page.shelves
      .filter(({ kind }) => kind === RECOMMENDED || kind === CATEGORY)
      .flatMap(ids);
    expect(new Set(chosen).size).toBe(chosen.length);
  });

  it("should know a view at once", async () => {
    const { client } = await startServer();
    await fill(client);
    await client.analytics.logView({ videoName: "book-2", viewerId: "a" });
    const page = await client.marketplace.getStorefront({ userId: "a" });
    expect(ids(shelf(page, RECENTLY_VIEWED))[0]).toBe("book-2");
  });

  it("should have no shelf of what a stranger viewed", async () => {
    const { client } = await startServer();
    await fill(client);
    const page = await client.marketplace.getStorefront({});
    expect(page.shelves.map(({ kind }) => kind)).not.toContain(RECENTLY_VIEWED);
    expect(shelf(page, RECOMMENDED).items.length).toBeGreaterThan(0);
  });

  it("should keep to a category", async () => {
    const { client } = await startServer();
    await fill(client);
    const page = await client.marketplace.getStorefront({ userId: "a", category: "mystery" });
    expect(outline(page)).toEqual(["RECOMMENDED OK", "TRENDING OK"]);
    for (const { item } of page.shelves.flatMap(({ items }) => items)) {
      expect(item?.categories).toEqual(["mystery"]);
    }
    const unknown = await client.marketplace.getStorefront({ userId: "a", category: "cookery" });
    expect(unknown.shelves.map(({ status, items }) => [status, items.length])).toEqual([
      [OK, 0],
      [OK, 0],
    ]);
  });

  it("should answer on an empty server", async () => {
    const { client } = await startServer();
    const page = await client.marketplace.getStorefront({ userId: "a" });
    expect(outline(page)).toEqual(["RECOMMENDED OK", "RECENTLY_VIEWED OK", "TRENDING OK"]);
    expect(page.shelves.flatMap(({ items }) => items)).toEqual([]);
  });

  it("should refuse what is out of bounds, by name", async () => {
    const { client } = await startServer();
    const failure = await client.marketplace
      .getStorefront({ shelfSize: 51 })
      .catch((error: unknown) => ConnectError.from(error));
    expect(failure).toMatchObject({ code: Code.InvalidArgument });
    expect((failure as ConnectError).message).toContain("shelf_size");
  });
});

describe("GetStorefront without recommendations", () => {
  const withoutThem = [
    "RECOMMENDED UNAVAILABLE",
    "RECENTLY_VIEWED UNAVAILABLE",
    "TRENDING DEGRADED",
    ...["mystery", "poetry", "romance", "travel"].map((name) => `CATEGORY ${name} DEGRADED`),
  ];

  /** Asks until the page has all that it can have: on a busy machine others may be slow, too. */
  async function expectTheOthers(recommendationsUrl: string): Promise<void> {
    const { client } = await startServer({
      MARQUEE_RECOMMENDATIONS_URL: recommendationsUrl,
      // It says of each call that it failed.
      MARQUEE_LOG_LEVEL: "silent",
    });
    await fill(client);
    // A page that is not there at its deadline fails the call, and the test.
    const ask = (): Promise<GetStorefrontResponse> =>
      client.marketplace.getStorefront({ userId: "a" }, { timeoutMs: 3_000 });
    await expect.poll(async () => outline(await ask())).toEqual(withoutThem);
    const page = await ask();
    expect(shelf(page, TRENDING).items[0]?.item?.title).toMatch(/^Book \d+$/);
    const poems = shelf(page, CATEGORY, "poetry");
    expect(poems.items).toHaveLength(10);
    expect(shelf(page, RECOMMENDED).status).toBe(UNAVAILABLE);
    expect(poems.status).toBe(DEGRADED);
  }

  it("should have the other shelves when they are stopped", async () => {
    const directory = await temporaryDirectory();
    const other = await spawnServer({ MARQUEE_DATA_DIR: directory });
    await other.stop("SIGKILL");
    await expectTheOthers(other.url);
  });

  it("should have the other shelves when they do not answer", async () => {
    const directory = await temporaryDirectory();
    const other = await spawnServer({ MARQUEE_DATA_DIR: directory });
    // The kernel goes on to take its connections: it looks alive, and says nothing.
    other.child.kill("SIGSTOP");
    onTestFinished(() => {
      other.child.kill("SIGCONT");
    });
    await expectTheOthers(other.url);
  });

  it("should have the other shelves when they fail", async () => {
    const failing = createServer((_request, response) => response.writeHead(500).end());
    failing.listen(0, "127.0.0.1");
    await once(failing, "listening");
    onTestFinished(() => void failing.close());
    await expectTheOthers(`http://127.0.0.1:${(failing.address() as AddressInfo).port}`);
  });

  it("should have all shelves when they are elsewhere, and well", async () => {
    const other = await startServer();
    await fill(other.client);
    const { client } = await startServer({ MARQUEE_RECOMMENDATIONS_URL: other.url });
    await fill(client);
    const page = await client.marketplace.getStorefront({ userId: "a" });
    expect(outline(page).slice(0, 3)).toEqual([
      "RECOMMENDED OK",
      "RECENTLY_VIEWED OK",
      "TRENDING OK",
    ]);
  });
});
