import { chromium, type Browser, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { install } from "../../interop/support/foreign.ts";
import type { PageApi } from "../page/page.ts";

/** Starts a headless Chromium, which asks nobody but the servers of the tests. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await install("install-browser"),
    chromiumSandbox: false,
    args: [
      ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
    ],
  });
}

/** A page that was opened by itself: nothing is cached of another one. */
export interface OpenPage {
  readonly page: Page;
  /** Calls what the page offers. */
  call<Name extends keyof PageApi>(
    name: Name,
    ...args: Parameters<PageApi[Name]>
  ): Promise<Awaited<ReturnType<PageApi[Name]>>>;
  /** The URLs of all preflights so far. Only the browser's own protocol tells of them. */
  readonly preflights: readonly string[];
}

/** Opens a URL in a context of its own, which is closed when the test is over. */
export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const preflights: string[] = [];
  const session = await context.newCDPSession(page);
  session.on("Network.requestWillBeSent", ({ initiator, request }) => {
    if (initiator.type === "preflight") preflights.push(request.url);
  });
  await session.send("Network.enable");
  await page.goto(url);
  return {
    page,
    preflights,
    call: (name, ...args) =>
      page.evaluate(
        ([called, given]) => {
          const { api } = globalThis as unknown as {
            api: Record<string, (...all: readonly unknown[]) => unknown>;
          };
          return api[called]?.(...given);
        },
        [name, args] as const,
      ) as never,
  };
}
