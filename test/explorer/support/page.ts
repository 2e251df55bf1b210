import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { outputOf } from "../../interop/support/foreign.ts";
import { temporaryDirectory } from "../../support/directory.ts";

const root = new URL("../../..", import.meta.url).pathname;

/** What a call was answered with, as the page shows it. */
export interface Shown {
  /** Such as "ok · HTTP 200 · 3 ms". */
  readonly status: string;
  /** The newest first. */
  readonly messages: readonly unknown[];
}

/** The API explorer in a browser. Any fault of the page fails the test. */
export class ExplorerPage {
  readonly page: Page;
  readonly #url: string;
  /** What the page asked for, but for itself: method, URL and content type. */
  readonly requests: string[] = [];

  private constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
  }

  static async open(
    browser: Browser,
    url: string,
    options: { readonly width?: number; readonly colorScheme?: "light" | "dark" } = {},
  ): Promise<ExplorerPage> {
    const { width = 1280, colorScheme = "light" } = options;
    const permissions = ["clipboard-read", "clipboard-write"];
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ permissions, viewport, colorScheme });
    const explorer = new ExplorerPage(await context.newPage(), url);
    const faults: string[] = [];
    explorer.page.on("pageerror", (error) => faults.push(String(error)));
    explorer.page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) faults.push(message.text());
    });
    explorer.page.on("request", (request) => {
      const type = request.headers()["content-type"] ?? "";
      explorer.requests.push(`${request.method()} ${request.url()} ${type}`.trim());
    });
    onTestFinished(async () => {
      await context.close();
      if (faults.length > 0) throw new Error(faults.join("\n"));
    });
    return explorer;
  }

  /** Shows what a hash names, as somebody does who comes from elsewhere. */
  async show(hash: string): Promise<void> {
    await this.page.goto("about:blank");
    await this.page.goto(hash.startsWith("http") ? hash : `${this.#url}/docs#/${hash}`);
    await this.page.waitForSelector("h1");
  }

  /** Makes the call of the page, and waits for its end. */
  async call(): Promise<Shown> {
    await this.page.getByRole("button", { name: "Call", exact: false }).first().click();
    return this.answer(/^(?!Running)/);
  }

  /** The answer, once its status is as wanted. */
  async answer(wanted: RegExp): Promise<Shown> {
    const status = this.page.locator(".answer .status", { hasText: wanted });
    await status.waitFor();
    const texts = await this.page.locator(".answer > * > .json, .messages .json").allInnerTexts();
    return {
      status: await status.innerText(),
      messages: texts.map((text) => JSON.parse(text) as unknown),
    };
  }

  async request(value: unknown): Promise<void> {
    await this.page.getByLabel("JSON", { exact: true }).fill(JSON.stringify(value));
  }

  /** Presses a button that copies, and takes it from the clipboard. */
  async copied(button: string, within = ""): Promise<string> {
    const copy = this.page.locator(within === "" ? "body" : within);
    await copy.getByRole("button", { name: button, exact: true }).click();
    await copy.getByRole("button", { name: "Copied" }).waitFor();
    return this.page.evaluate(() =>
      (
        globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
      ).navigator.clipboard.readText(),
    );
  }

  /** The command that the page has for a tool. */
  async command(tool: string): Promise<string> {
    await this.page.getByRole("tab", { name: tool, exact: true }).click();
    return this.copied("Copy", ".commands");
  }
}

/** Runs a command in a shell, as somebody does who pastes it; the messages that it prints. */
export async function pasted(command: string, goBin: string): Promise<unknown[]> {
  const path = `${goBin}:${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`;
  return messagesOf(await outputOf("sh", ["-c", command], { env: { PATH: path } }));
}

/** Runs a program where generated code and packages are; the messages that it prints. */
export async function ran(program: string): Promise<unknown[]> {
  const directory = await temporaryDirectory();
  for (const name of ["gen", "node_modules"])
    await symlink(join(root, name), join(directory, name));
  await writeFile(join(directory, "program.mts"), program);
  return messagesOf(await outputOf(process.execPath, ["program.mts"], { cwd: directory }));
}

/** Values of JSON one after the other. Absent messages are null to some tools. */
function messagesOf(output: string): unknown[] {
  const texts = output.match(/^\{(?:\}$|.*\}$|[^]*?^\})/gm) ?? [];
  return texts.map(
    (text) =>
      JSON.parse(text, (_, value: unknown) => (value === null ? undefined : value)) as unknown,
  );
}
