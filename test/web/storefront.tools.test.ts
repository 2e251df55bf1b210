import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { MarqueeClient } from "../../src/client/client.ts";
import { buildPages } from "../../src/pages/build.ts";
import { startServer } from "../support/server.ts";
import { startBrowser } from "./support/browser.ts";
import { fillShop } from "./support/shop.ts";

let browser: Browser;
beforeAll(async () => {
  [browser] = await Promise.all([startBrowser(), buildPages()]);
});
afterAll(() => browser.close());

interface Visit {
  readonly page: Page;
  readonly url: string;
  readonly client: MarqueeClient;
  /** What the browser complained of, but for calls that were to fail. */
  readonly complaints: readonly string[];
  /** What was asked of other hosts. */
  readonly elsewhere: readonly string[];
}

/** A visitor of a real server, with the small shop in it or nothing at all. */
async function visit(path: string, { isEmpty = false } = {}): Promise<Visit> {
  const { client, url } = await startServer();
  if (!isEmpty) await fillShop(client);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const elsewhere: string[] = [];
  page.on("console", (message) => {
    const isRefusal = /responded with a status of 4\d\d|ERR_FAILED/.test(message.text());
    if (message.type() === "error" && !isRefusal) complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) elsewhere.push(request.url());
  });
  await page.goto(url + path);
  return { page, url, client, complaints, elsewhere };
}

/** The ids of what a shelf has. */
async function shelf(page: Page, kind: string): Promise<string[]> {
  const items = page.locator(`[data-kind="${kind}"] li[data-id]`);
  await items.first().waitFor();
  return items.evaluateAll((all) => all.map((one) => one.getAttribute("data-id") ?? ""));
}

const search = (page: Page) => page.getByRole("combobox", { name: /Search/ });

describe("The storefront", () => {
  it("should sign one up, and change its shelves as one goes", async () => {
    const { page, client, complaints, elsewhere } = await visit("/sign-up");
    await client.profiles.createProfile({
      firstName: "Ann",
      lastName: "Okafor",
      email: "ann@example.org",
    });

    // A form that is wrong says so at the fields.
    await page.getByLabel("First name").fill("Anna");
    await page.getByLabel("Email").fill("ANN@example.org");
    await page.getByRole("button", { name: "Sign up" }).click();
    const lastName = page.getByLabel("Last name");
    await expect.poll(() => lastName.getAttribute("aria-invalid")).toBe("true");
    await lastName.fill("Okafor");
    await page.getByRole("button", { name: "Sign up" }).click();
    const email = page.getByLabel("Email");
    await expect.poll(() => email.getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator("#email-fault").textContent()).toMatch(/Another profile has this/);
    await page.locator("#email:focus").waitFor();
    await email.fill("anna@example.org");
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByRole("heading", { level: 1, name: "What comes next, Anna Okafor" }).waitFor();
    const before = await shelf(page, "recommended");

    // Three romances: one by the keyboard from the suggestions, two from all results.
    await search(page).pressSequentially("love st");
    await page.getByRole("option").first().waitFor();
    await search(page).press("ArrowDown");
    expect(await page.getByRole("option").first().getAttribute("aria-selected")).toBe("true");
    await search(page).press("Enter");
    const heading = page.getByRole("heading", { level: 1 });
    await expect.poll(() => heading.textContent()).toMatch(/^A Love Story/);
    await page.locator("h1:focus").waitFor();
    const opened = [new URL(page.url()).pathname];
    for (const at of [4, 7]) {
      await search(page).fill("love");
      await search(page).press("Enter");
      await expect.poll(() => page.title()).toBe("Search: love · Marquee");
      await page.locator(".grid a.item").nth(at).click();
      await expect.poll(() => heading.textContent()).toMatch(/^A Love Story/);
      await page.locator(".totals", { hasText: "so far" }).waitFor();
      opened.push(new URL(page.url()).pathname);
    }
    const ids = opened.map((path) => path.replace("/items/", ""));
    expect(new Set(ids).size).toBe(3);

    // Back on the front page, the shelf has what resembles them, and says why.
    await page.getByRole("link", { name: "Marquee" }).click();
    await page
      .getByText(/Because you viewed A Love Story/)
      .first()
      .waitFor();
    const after = await shelf(page, "recommended");
    expect(after).not.toEqual(before);
    expect(after.slice(0, 5).every((id) => id.startsWith("romance-"))).toBe(true);
    expect(await shelf(page, "recently_viewed")).toEqual(ids.toReversed());

    // Each was one view, and the beacon told for how long.
    const [profile] = (await client.profiles.listProfiles({})).profiles.slice(-1);
    const { interactions } = await client.recommendations.listInteractions({
      userId: profile?.id ?? "",
    });
    expect(interactions.map(({ itemId }) => itemId)).toEqual(ids.toReversed());
    const watched = async (): Promise<number> => {
      const all = await Promise.all(
        ids.map((id) => client.analytics.getViewStats({ videoName: id })),
      );
      return all.filter(({ watchDuration }) => (watchDuration?.nanos ?? 0) > 0).length;
    };
    await expect.poll(watched).toBe(3);

    // What came into view, and what is clicked, is told to the server.
    await page.locator('[data-kind="recommended"] a.item').first().click();
    await expect.poll(() => heading.textContent()).toMatch(/^A Love Story/);
    const outcomes = async () => {
      const { variants } = await client.recommendations.compareVariants({});
      return variants[0]?.total;
    };
    await expect.poll(async () => (await outcomes())?.clicks).toBe(1n);
    expect(Number((await outcomes())?.impressions)).toBeGreaterThan(3);
    expect(complaints).toEqual([]);
    expect(elsewhere).toEqual([]);
  });

  it("should keep what one thinks of an item, and where one was", async () => {
    const { page, complaints, elsewhere } = await visit("/categories/mystery");
    const heading = page.getByRole("heading", { level: 1 });
    const last = page.locator(".grid a.item").last();
    await last.scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator(".grid a.item").count()).toBe(20);
    await last.scrollIntoViewIfNeeded();
    const scrolled = await page.evaluate<number>("scrollY");
    expect(scrolled).toBeGreaterThan(200);
    await last.click();
    await page.getByRole("button", { name: "Like" }).click();
    await page.getByRole("button", { name: "Not for me" }).click();
    await page.getByRole("radio", { name: "2 of 5" }).check();
    await page.getByRole("radio", { name: "4 of 5" }).check();
    await page.getByText("You rated it 4 of 5.").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Liked", pressed: true }).waitFor();
    await page.getByRole("button", { name: "Not for me", pressed: true }).waitFor();
    expect(await page.getByRole("radio", { name: "4 of 5" }).isChecked()).toBe(true);

    // The skip link leads to another place of the same page.
    const main = await page.locator("main").elementHandle();
    await page.getByRole("link", { name: "Skip to content" }).press("Enter");
    await expect.poll(() => page.url()).toMatch(/#main$/);
    await page.goBack();
    expect(await main?.isVisible()).toBe(true);

    await page.goBack();
    await expect.poll(() => heading.textContent()).toBe("Mystery");
    await expect.poll(() => page.evaluate<number>("scrollY")).toBe(scrolled);

    // Somebody else thinks nothing of it yet.
    await page.goForward();
    await page.getByRole("button", { name: "Liked", pressed: true }).waitFor();
    await page.getByRole("button", { name: /Look as/ }).click();
    await page.getByRole("dialog").getByRole("link", { name: "Sign up" }).click();
    for (const [label, value] of [
      ["First name", "Ben"],
      ["Last name", "Roth"],
      ["Email", "ben@example.org"],
    ] as const) {
      await page.getByLabel(label).fill(value);
    }
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect.poll(() => heading.textContent()).toBe("What comes next, Ben Roth");
    await page.goBack();
    await page.goBack();
    await page.getByRole("button", { name: "Like", pressed: false, exact: true }).waitFor();
    expect(complaints).toEqual([]);
    expect(elsewhere).toEqual([]);
  });

  it("should fill an empty server with sample data at the push of a button", async () => {
    const { page, client, complaints } = await visit("/", { isEmpty: true });
    const calls = "**/sample.v1.SampleService/LoadSample";
    await page.route(calls, (route) => route.abort());
    await page.getByRole("button", { name: "Load sample data" }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("The server cannot be reached.").waitFor();
    await page.unroute(calls);
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByText(/^Step 3 of 5/).waitFor();
    // Who leaves in the middle can go on.
    await page.reload();
    await page.getByRole("button", { name: "Finish loading" }).click();
    await page.getByText(/^Step 5 of 5/).waitFor();
    await page.locator(".sample").waitFor({ state: "detached" });
    expect(await shelf(page, "recommended")).not.toEqual([]);
    const { items } = await client.catalog.listItems({ pageSize: 1 });
    expect(items[0]?.properties["sample"]).toBeDefined();
    expect(await alert.count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
