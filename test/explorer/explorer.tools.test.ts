import axe from "axe-core";
import { afterAll, describe, expect, it } from "vitest";
import { install, outputOf } from "../interop/support/foreign.ts";
import { startServer } from "../support/server.ts";
import { startBrowser } from "../web/support/browser.ts";
import { ExplorerPage, pasted, ran } from "./support/page.ts";

await outputOf(process.execPath, ["src/pages/build.ts"]);
const [browser, goBin] = await Promise.all([startBrowser(), install("install-go-tools")]);
afterAll(() => browser.close());

const analytics = "analytics.v1.AnalyticsService";
const nasty = `it's "Emma" & $HOME \`x\` \\ 100% é!`;

describe("The API explorer", () => {
  it("should call methods of each kind, over each protocol", async () => {
    const { url } = await startServer();
    const explorer = await ExplorerPage.open(browser, url);
    const { page } = explorer;

    // A call by keyboard alone, from the search to the answer.
    await explorer.show("");
    await page.keyboard.press("/");
    await page.keyboard.type("analytics logview");
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "LogView" }).waitFor();
    await page.getByLabel("video_name").fill(nasty);
    await page.getByLabel("watch_duration").fill("90s");
    await page.keyboard.press("Control+Enter");
    const logged = await explorer.answer(/^ok/);
    expect(logged.messages).toMatchObject([{ success: true, position: "1" }]);

    // The JSON follows the form, and the form the JSON.
    const json = page.getByLabel("JSON", { exact: true });
    expect(JSON.parse(await json.inputValue())).toEqual({
      video_name: nasty,
      watch_duration: "90s",
    });
    await json.fill('{"videoName": "dracula"}');
    expect(await page.getByLabel("video_name").inputValue()).toBe("dracula");
    await json.fill('{"video_name": }');
    expect(await page.locator(".json-editor .fault").innerText()).toContain("Line 1, column 16");
    expect(await page.getByRole("button", { name: "Call" }).first().isDisabled()).toBe(true);

    // GET.
    await explorer.show(`${analytics}/GetViewStats`);
    await explorer.request({ video_name: nasty, min_position: "1" });
    await page.getByLabel("Use GET").check();
    expect((await explorer.call()).messages).toMatchObject([{ views: "1", watchDuration: "90s" }]);
    expect(explorer.requests.at(-1)).toMatch(/^GET .*GetViewStats\?.*connect=v1/);

    // Client streaming, over gRPC-Web with binary messages.
    await explorer.show(`${analytics}/LogViews`);
    await page.getByLabel("Protocol").selectOption("gRPC-Web");
    await page.getByLabel("Encoding").selectOption("Binary");
    await explorer.request([{ views: [{ video_name: "a" }] }, { views: [{ video_name: "b" }] }]);
    expect((await explorer.call()).messages).toMatchObject([{ logged: "2" }]);
    expect(explorer.requests.at(-1)).toMatch(/^POST .*LogViews application\/grpc-web\+proto$/);

    // Both ways: messages go at once, and answers come.
    await explorer.show("bidirectional.Bidirectional/GetServerResponse");
    await explorer.request([{ message: "one" }, { message: "two" }]);
    const both = await explorer.call();
    expect(both.status).toMatch(/^ok · HTTP 200 · 2 messages/);
    expect(both.messages).toEqual([{ message: "two" }, { message: "one" }]);
    expect(await page.getByText("full duplex").count()).toBe(1);

    // Server streaming, until it is cancelled.
    await explorer.show(`${analytics}/WatchViews`);
    await explorer.request({ video_names: ["a"] });
    await page.getByRole("button", { name: "Call" }).first().click();
    await page.locator(".messages .json").first().waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    const watched = await explorer.answer(/^canceled/);
    expect(watched.messages).toContainEqual(
      expect.objectContaining({ counts: [expect.objectContaining({ videoName: "a" })] }),
    );

    const { origin } = new URL(url);
    const elsewhere = explorer.requests.filter((request) => !request.includes(` ${origin}/`));
    expect(elsewhere.filter((request) => !request.endsWith("about:blank"))).toEqual([]);
  });

  it("should show why a call failed, at the fields that are at fault", async () => {
    const { url } = await startServer();
    const explorer = await ExplorerPage.open(browser, url);
    const { page } = explorer;
    await explorer.show(`${analytics}/LogView`);
    await explorer.request({ country: "Holland" });
    expect((await explorer.call()).status).toMatch(/^invalid_argument · HTTP 400/);
    const violations = await page.locator(".violations li").allInnerTexts();
    expect(violations).toEqual([
      expect.stringMatching(/^video_name /),
      expect.stringMatching(/^country /),
    ]);
    for (const field of ["video_name", "country"]) {
      expect(await page.getByLabel(field).getAttribute("aria-invalid"), field).toBe("true");
    }
    expect(await page.locator(".answer .notice").innerText()).toContain('"INVALID_FIELD"');

    await page.route("**/LogView", (route) => route.abort());
    await page.getByRole("button", { name: "Call" }).first().click();
    await explorer.answer(/^no answer · /);
    expect(await page.locator(".answer .notice").innerText()).toBe("The server cannot be reached.");
  });

  it("should write commands that answer what the page showed", async () => {
    const { url, client } = await startServer();
    const view = { videoName: nasty, viewId: "v-1", viewerId: "ann" };
    await client.analytics.logView(view);
    const explorer = await ExplorerPage.open(browser, url);
    const { page } = explorer;

    const compare = async (...tools: readonly string[]): Promise<void> => {
      const { status, messages } = await explorer.call();
      expect(status).toMatch(/^ok/);
      expect(messages.length).toBeGreaterThan(0);
      const commands: [tool: string, command: string][] = [];
      for (const tool of tools) commands.push([tool, await explorer.command(tool)]);
      const answers = await Promise.all(
        commands.map(([tool, command]) =>
          tool === "TypeScript" ? ran(command) : pasted(command, goBin),
        ),
      );
      for (const [at, answer] of answers.entries()) {
        expect(answer, commands[at]?.join(": ")).toEqual(messages.toReversed());
      }
    };

    await explorer.show(`${analytics}/GetViewStats`);
    await explorer.request({ video_name: nasty, min_position: "1" });
    await compare("curl", "grpcurl", "buf curl", "TypeScript");
    await page.getByText("Headers", { exact: true }).click();
    await page.getByLabel("Headers, one on each line").fill(`x-who: it's "me", too`);
    await page.getByLabel("Deadline, ms").fill("20000");
    await page.getByLabel("Use GET").check();
    await compare("curl");

    await explorer.show(`${analytics}/ExportViews`);
    await explorer.request({ viewer_id: "ann" });
    await compare("grpcurl", "buf curl", "TypeScript");
    // The same view again changes nothing.
    await explorer.show(`${analytics}/LogViews`);
    const views = [{ video_name: nasty, view_id: "v-1", viewer_id: "ann" }];
    await explorer.request([{ views }, { views }]);
    await compare("grpcurl", "TypeScript");
    await explorer.show("bidirectional.Bidirectional/GetServerResponse");
    await explorer.request([{ message: nasty }, { message: "two" }]);
    await compare("buf curl", "TypeScript");
  });

  it("should bring a call back by its link", async () => {
    const { url } = await startServer();
    const explorer = await ExplorerPage.open(browser, url);
    await explorer.show("Greeter/Greet");
    await explorer.request({ name: nasty });
    await explorer.page.getByLabel("Protocol").selectOption("gRPC-Web");
    await explorer.page.getByText("Headers", { exact: true }).click();
    await explorer.page
      .getByLabel("Headers, one on each line")
      .fill("x-who: me\nauthorization: Bearer secret");
    const { messages } = await explorer.call();
    expect(messages).toEqual([{ greeting: `Hello ${nasty}` }]);
    const link = await explorer.copied("Copy link");
    expect(link).not.toContain("secret");

    const other = await ExplorerPage.open(browser, url);
    await other.show(link);
    // It fills in, and calls nothing by itself.
    expect(other.requests.some((request) => request.startsWith("POST"))).toBe(false);
    expect((await other.call()).messages).toEqual(messages);
    expect(other.requests.at(-1)).toMatch(/Greet application\/grpc-web\+json$/);
    expect(await other.page.getByLabel("Headers, one on each line").inputValue()).toBe("x-who: me");
  });

  it("should have less than 100 kB of script, compressed", async () => {
    const { url } = await startServer();
    const explorer = await ExplorerPage.open(browser, url);
    await explorer.show("Greeter/Greet");
    const scripts = explorer.requests.flatMap((request) => / (\S+\.js)$/.exec(request)?.[1] ?? []);
    const answers = await Promise.all(
      scripts.map((script) => fetch(script, { headers: { "accept-encoding": "gzip" } })),
    );
    const sizes = answers.map(({ headers }) => Number(headers.get("content-length")));
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  });

  it("should be usable by all, on a phone and in the dark", async () => {
    const { url } = await startServer();
    const method = `${analytics}/QueryViews`;
    for (const [width, colorScheme, hashes] of [
      [1280, "light", [method]],
      [360, "dark", ["", method, "analytics.v1.Filter?member=not"]],
    ] as const) {
      const explorer = await ExplorerPage.open(browser, url, { width, colorScheme });
      for (const hash of hashes) {
        await explorer.show(hash);
        if (hash === method) {
          await explorer.page.getByRole("button", { name: "every field" }).click();
          await explorer.call();
        }
        const found = await explorer.page.evaluate(`(() => { ${axe.source};
          return axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
            violations
              .filter(({ impact }) => impact === "serious" || impact === "critical")
              .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + " " + html)));
        })()`);
        expect(found, `${hash} ${colorScheme}`).toEqual([]);
        const beyond = "document.documentElement.scrollWidth - innerWidth";
        expect(await explorer.page.evaluate(beyond), hash).toBeLessThanOrEqual(0);
      }
    }
  });
});
