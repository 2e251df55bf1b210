import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "./support/browser.ts";
import type { LaunchedServer } from "../support/server.ts";
import { startSampleServer } from "./support/sample-server.ts";

/** Where pictures of the pages are put, for people to look at. */
const pictures = fileURLToPath(new URL("../../dist/screenshots/", import.meta.url));

/** What a person may look at first, and what tells that it is there. */
const pages = [
  ["storefront", "/", "main h2"],
  ["item", "/items/ITEM", "main .totals"],
  ["category", "/categories/romance", "main h1"],
  ["search", "/search?q=the", "main h1"],
  ["sign-up", "/sign-up", "main form"],
  ["dashboard", "/dashboard", "main canvas"],
  ["api", "/docs", "main h1"],
  ["api-method", "/docs#/analytics.v1.AnalyticsService/LogView", "main form"],
] as const;

const sizes = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
} as const;

const looks = (["light", "dark"] as const).flatMap((colorScheme) =>
  (["desktop", "phone"] as const).map((size) => ({ colorScheme, size })),
);

let server: LaunchedServer;
let browser: Browser;
/** The id of what is looked at most. */
let item: string;

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  [server, browser] = await Promise.all([startSampleServer(), startBrowser()]);
  const { videos } = await server.client.analytics.listTopVideos({ pageSize: 1 });
  item = videos[0]?.videoName ?? "";
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

describe("The pages", () => {
  it.each(pages)("should have %s complete and accessible", async (name, path, there) => {
    const { url } = server;
    const context = await browser.newContext();
    const page = await context.newPage();
    const elsewhere: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) elsewhere.push(request.url());
    });
    // What the policy forbids is an error there, too.
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));

    await page.goto(url + path.replace("ITEM", encodeURIComponent(item)));
    await page.locator(there).first().waitFor();
    await page.locator('[aria-busy="true"]').first().waitFor({ state: "detached" });
    for (const { colorScheme, size } of looks) {
      await page.setViewportSize(sizes[size]);
      await page.emulateMedia({ colorScheme });
      const picture = `${pictures}${name}-${colorScheme}-${size}.png`;
      await page.screenshot({ path: picture, fullPage: true });
      expect(await seriousFindings(page), `${colorScheme}, ${size}`).toEqual([]);
      const overflow = await page.evaluate<number>(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      expect(overflow, `what is wider than the page on a ${size}`).toBe(0);
    }
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe("A reader", () => {
  it("should be counted live, get other recommendations, and be found by a copied URL", async () => {
    const { url, client } = server;
    const context = await browser.newContext({ viewport: sizes.desktop });
    const spoken = new Set<string | undefined>();
    context.on("request", (request) => spoken.add(request.headers()["content-type"]));
    const dashboard = await context.newPage();
    await dashboard.goto(`${url}/dashboard`);
    const live = (name: string): Promise<string> =>
      dashboard.locator(`[data-live=${name}]`).innerText();
    const before = await client.analytics.listTopVideos({ pageSize: 1_000 });
    const viewsBefore = before.videos.reduce((sum, { views }) => sum + Number(views), 0);
    await expect.poll(() => live("views")).toBe(viewsBefore.toLocaleString("en-US"));

    const shop = await context.newPage();
    await shop.goto(`${url}/sign-up`);
    await shop.getByLabel("First name").fill("Noor");
    await shop.getByLabel("Last name").fill("Visser");
    await shop.getByLabel("Email").fill("noor@example.org");
    await shop.getByRole("button", { name: "Sign up" }).click();
    await shop.getByRole("heading", { level: 1, name: /Noor/ }).waitFor();
    const forYou = await idsOf(shop, '[data-kind="recommended"] li[data-id]');

    for (const at of [0, 1, 2]) {
      const search = shop.getByRole("combobox", { name: /Search/ });
      await search.fill("romance");
      await search.press("Enter");
      await shop.locator(".grid a.item").nth(at).click();
      await shop.locator(".totals", { hasText: "so far" }).waitFor();
    }
    await shop.getByRole("link", { name: "Marquee" }).click();
    await shop
      .getByText(/Because you viewed/)
      .first()
      .waitFor();
    expect(await idsOf(shop, '[data-kind="recommended"] li[data-id]')).not.toEqual(forYou);

    await expect.poll(() => live("views")).toBe((viewsBefore + 3).toLocaleString("en-US"));
    await dashboard.getByRole("button", { name: "Zoom in" }).click();
    await dashboard
      .locator(".panel", { hasText: "Top videos" })
      .locator(".bars button")
      .first()
      .click();
    const { search } = new URL(dashboard.url());
    expect(search).toContain("is.video=");
    const again = await context.newPage();
    await again.goto(`${url}/dashboard${search}`);
    const totals = (page: Page): Promise<string> => page.locator(".totals").innerText();
    await again.locator('[aria-busy="true"]').first().waitFor({ state: "detached" });
    await expect.poll(async () => (await totals(again)) === (await totals(dashboard))).toBe(true);

    // Both of what browsers can speak, straight to the server.
    expect(spoken).toContain("application/proto");
    expect([...spoken].some((type) => type?.startsWith("application/grpc-web"))).toBe(true);
    await context.close();
  });
});

async function idsOf(page: Page, selector: string): Promise<(string | null)[]> {
  const items = page.locator(selector);
  await items.first().waitFor();
  return items.evaluateAll((all) => all.map((one) => one.getAttribute("data-id")));
}

/** What axe-core finds that keeps people from using the page, and where. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: runner } = globalThis as unknown as { axe: typeof axe };
    return (await runner.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}
