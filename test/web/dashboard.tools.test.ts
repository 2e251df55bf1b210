import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildPages } from "../../src/pages/build.ts";
import type { MarqueeClient } from "../../src/client/index.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { openServer, startServer, type LaunchedServer } from "../support/server.ts";
import { startBrowser } from "./support/browser.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A range that does not move, far from any night in which clocks change. */
const first = Date.UTC(2_026, 0, 5);
const range = "?from=2026-01-05&to=2026-01-11&zone=UTC";

let browser: Browser;
/** One for all pages, so that they share what they have loaded. */
let context: BrowserContext;
let dataDir: string;
/** With a week of views. */
let server: LaunchedServer;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "marquee-test-"));
  [browser] = await Promise.all([startBrowser(), buildPages()]);
  context = await browser.newContext({ viewport: { width: 1_280, height: 900 } });
  server = await openServer({ MARQUEE_DATA_DIR: dataDir });
  await logWeek(server.client);
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Seven days with 1 to 7 views, at noon, by as many viewers; every other one from NL. */
async function logWeek({ analytics, catalog }: MarqueeClient): Promise<void> {
  await catalog.upsertItems({ items: [{ id: "emma", title: '=Emma, "the" novel' }] });
  const views = Array.from({ length: 7 }, (_, day) =>
    Array.from({ length: day + 1 }, (_view, index) => ({
      videoName: day % 2 === 0 ? "emma" : "sintel",
      viewerId: `viewer-${index}`,
      startTime: timestampFromMs(first + day * DAY + 12 * HOUR + index),
      watchDuration: { seconds: 600n },
      progress: 0.5,
      country: index % 2 === 0 ? "NL" : "BE",
      device: "phone",
      referrer: "https://www.example.org/page",
    })),
  ).flat();
  await analytics.logViews(createAsyncIterable([{ views }]));
}

/** A page that fails the test when it complains, or asks another host. */
async function open(url: string, path: string): Promise<Page> {
  const page = await newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !asked.startsWith("blob:")) complaints.push(`asked ${asked}`);
  });
  onTestFinished(() => expect(complaints).toEqual([]));
  await page.goto(url + path);
  await filled(page);
  return page;
}

/** A page that may complain: of a server that is gone, browsers do. */
async function newPage(): Promise<Page> {
  const page = await context.newPage();
  onTestFinished(() => page.close());
  return page;
}

/** Waits until every panel has the answer to what it asks now. */
async function filled(page: Page): Promise<void> {
  await page.locator(".panel").first().waitFor();
  await expect.poll(() => page.locator("[aria-busy=true]").count()).toBe(0);
}

const total = (page: Page, name: string): Promise<string> =>
  page.locator(`[data-total=${name}]`).innerText();
const live = (page: Page, name: string): Promise<string> =>
  page.locator(`[data-live=${name}]`).innerText();

/** All figures that are shown: of the totals, the lists and the chart's table. */
async function figures(page: Page): Promise<string> {
  const table = page.locator(".series details");
  if ((await table.getAttribute("open")) === null) await table.locator("summary").click();
  await table.locator("td").first().waitFor();
  const parts = await page.locator(".totals, .bars, .series tbody, .filters").allInnerTexts();
  return parts.join("\n");
}

async function csvOf(page: Page, of: string): Promise<string> {
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: `Download as CSV: ${of}`, exact: true }).click();
  return readFile(await (await downloading).path(), "utf8");
}

describe("the dashboard", () => {
  it("should count a view as it is logged, and fill itself from nothing", async () => {
    const { url, client } = await startServer();
    const page = await open(url, "/dashboard");
    await page.getByText("No views yet").waitFor();
    expect(await page.locator("pre").innerText()).toContain(`curl ${url}/`);
    await client.analytics.logView({ videoName: "sintel", viewerId: "ann", country: "NL" });
    await expect.poll(() => live(page, "views")).toBe("1");
    expect(await live(page, "viewers")).toBe("1");
    await expect.poll(() => total(page, "views")).toBe("1");
    await client.analytics.logView({ videoName: "sintel", viewerId: "bob", country: "NL" });
    await expect.poll(() => live(page, "viewers")).toBe("2");
    await page.locator(".latest", { hasText: "+1" }).waitFor();
    // The panels follow, at their own pace.
    await expect.poll(() => total(page, "views")).toBe("2");
  });

  it("should show the same to whoever opens the URL of a zoomed and filtered chart", async () => {
    const page = await open(server.url, `/dashboard${range}`);
    expect(await total(page, "views")).toBe("28");
    expect(await total(page, "viewers")).toBe("7");
    const before = page.url();

    await page.getByRole("button", { name: /^Unique viewers/ }).click();
    await page.getByRole("button", { name: /^Netherlands/ }).click();
    await expect.poll(() => total(page, "views")).toBe("16");
    await filled(page);
    const plot = page.locator(".plot .u-over");
    await plot.waitFor();
    const { x, y, width } = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0 };
    // From the third day to the fifth: 3 + 4 + 5 views, of which 2 + 2 + 3 are from NL.
    await page.mouse.move(x + (width * 2) / 6, y + 20);
    await page.mouse.down();
    await page.mouse.move(x + (width * 4) / 6, y + 20, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => total(page, "views")).toBe("7");
    expect(new URL(page.url()).search).toBe(
      "?from=2026-01-07&to=2026-01-09&is.country=NL&metric=viewers&zone=UTC",
    );

    await filled(page);
    const shown = await figures(page);
    expect(shown).toContain("Netherlands");
    const again = await open(server.url, page.url().slice(server.url.length));
    expect(await figures(again)).toBe(shown);

    for (let step = 0; step < 3; step++) await page.goBack();
    await expect.poll(() => total(page, "views")).toBe("28");
    expect(page.url()).toBe(before);
  });

  it("should zoom and filter by keyboard", async () => {
    const page = await open(server.url, `/dashboard${range}`);
    await page.getByRole("button", { name: "Zoom in" }).press("Enter");
    await expect.poll(() => total(page, "views")).toBe("14");
    await page.getByRole("button", { name: "Earlier" }).press("Enter");
    await expect.poll(() => total(page, "views")).toBe("1");
    // Whoever presses twice does not wait for an answer between.
    const onward = page.getByRole("button", { name: "Later" });
    await onward.press("Enter");
    await onward.press("Enter");
    await expect.poll(() => total(page, "views")).toBe("13");
    await page.goto(`${server.url}/dashboard${range}`);
    await filled(page);
    await page.getByText("Filter", { exact: true }).press("Enter");
    const form = page.locator(".add form");
    await page.setViewportSize({ width: 390, height: 844 });
    const { x, width } = (await form.boundingBox()) ?? { x: 0, width: 0 };
    expect(width).toBeGreaterThan(200);
    expect(x + width).toBeLessThan(390);
    await page.getByLabel("Is or not").selectOption("not");
    await page.getByLabel("Value").fill("nl");
    await page.getByLabel("Value").press("Enter");
    await expect.poll(() => total(page, "views")).toBe("12");
    await page.locator(".retention", { hasText: "filters do not apply here" }).waitFor();
    await page.getByRole("button", { name: /^Remove the filter/ }).press("Enter");
    await expect.poll(() => total(page, "views")).toBe("28");
  });

  it("should save what it shows as CSV", async () => {
    const page = await open(server.url, `/dashboard${range}`);
    expect(await csvOf(page, "over time")).toBe(
      [
        "start_time,views,previous_views",
        ...Array.from(
          { length: 7 },
          (_, day) => `${new Date(first + day * DAY).toISOString()},${day + 1},0`,
        ),
        "",
      ].join("\r\n"),
    );
    await page.getByText('=Emma, "the" novel').first().waitFor();
    expect(await csvOf(page, "Top videos")).toBe(
      'video,title,views\r\nemma,"\'=Emma, ""the"" novel",16\r\nsintel,sintel,12\r\n',
    );
    expect(await csvOf(page, "Referrers")).toBe("referrer,views\r\nexample.org,28\r\n");
  });

  it("should train, and say what came of it", async () => {
    const page = await open(server.url, `/dashboard${range}`);
    const model = page.locator(".model");
    expect(await model.innerText()).toContain("No model yet");
    await model.getByRole("button").click();
    await model.getByText("The new model is in place").waitFor();
    await model.getByText("just now").waitFor();
    expect(await model.innerText()).toMatch(/Viewers\s+7/);
  });

  it("should say that the server is gone, and go on when it is back", async () => {
    const directory = await temporaryDirectory();
    const before = await openServer({ MARQUEE_DATA_DIR: directory });
    await before.client.analytics.logView({ videoName: "sintel" });
    const page = await newPage();
    await page.goto(`${before.url}/dashboard`);
    await expect.poll(() => live(page, "views")).toBe("1");
    await before.close();
    await page.getByText("Reconnecting").waitFor();
    await page.getByLabel("Range of time").selectOption("7d");
    await page.getByText("The server cannot be reached.").nth(7).waitFor();
    const { client } = await startServer({
      MARQUEE_DATA_DIR: directory,
      MARQUEE_PORT: new URL(before.url).port,
    });
    await client.analytics.logView({ videoName: "sintel" });
    await expect.poll(() => live(page, "views")).toBe("2");
    await expect.poll(() => page.getByText("Reconnecting").count()).toBe(0);
    await expect.poll(() => page.getByText("could not be loaded").count()).toBe(0);
  });

  it("should say what could not be loaded, and load it when told to", async () => {
    const page = await newPage();
    await page.route("**/ListTrendingVideos", (route) => route.fulfill({ status: 403 }));
    await page.goto(`${server.url}/dashboard${range}`);
    const panel = page.locator(".panel", { hasText: "Trending" });
    await panel.getByText("could not be loaded").waitFor();
    await expect.poll(() => total(page, "views")).toBe("28");
    await page.unroute("**/ListTrendingVideos");
    await panel.getByRole("button", { name: "Try again" }).click();
    await panel.getByText("could not be loaded").waitFor({ state: "detached" });
  });

  it("should need less than 100 kB of script to show its figures", async () => {
    const built = new URL("../../dist/pages/", import.meta.url);
    const page = await readFile(new URL("web/dashboard.html", built), "utf8");
    const scripts = page.match(/assets\/[\w.-]+\.js/g) ?? [];
    const sizes = await Promise.all(
      scripts.map(async (path) => (await stat(new URL(`${path}.gz`, built))).size),
    );
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  });

  it("should have nothing that a checker of accessibility minds, light and dark", async () => {
    const page = await open(server.url, `/dashboard${range}&is.country=NL`);
    for (const theme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: theme as "light" | "dark" });
      expect(await violations(page)).toEqual([]);
    }
  });
});

/** What axe-core finds on a page: the rules that are broken, and where. */
async function violations(page: Page): Promise<readonly string[]> {
  // As a debugger would: what the page may load does not matter.
  await page.evaluate(axe.source);
  const found = await page.evaluate("axe.run()");
  const { violations: broken } = found as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return broken.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
