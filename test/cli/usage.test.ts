import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startServer } from "../support/server.ts";
import { marquee, nowhere, start } from "./marquee.ts";

const commands = [
  ["serve"],
  ["import"],
  ["import", "catalog"],
  ["import", "feedback"],
  ["import", "views"],
  ["log-view"],
  ["stats"],
  ["query"],
  ["top"],
  ["watch"],
  ["recommend"],
  ["search"],
  ["similar"],
  ["trending"],
  ["train"],
  ["model"],
  ["evaluate"],
  ["variants"],
  ["tail"],
  ["greet"],
];

describe("--help", () => {
  it.each(commands.map((command) => [command.join(" "), command]))(
    "of %s is a sentence, the options and an example",
    async (name, command) => {
      const { code, stdout, stderr } = await marquee(nowhere, ...command, "--help");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(new RegExp(`^Usage: marquee ${name} `));
      expect(stdout).toMatch(/\n\n[A-Z][^\n]+/);
      expect(stdout).toContain("--help");
      expect(stdout).toMatch(/\n(Commands:\n {2}\w|Examples?:\n {2}.*marquee )/);
    },
  );

  it("of serve has every setting", async () => {
    const { stdout } = await marquee(nowhere, "serve", "--help");
    expect(stdout).toContain("MARQUEE_DATA_DIR\n");
    expect(stdout).toMatch(/\n {2}--demo +if the catalog is empty, load sample data/);
  });

  it("is not needed for the version", async () => {
    const ended = await marquee(nowhere, "--version");
    const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
    expect(ended).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("of marquee has every command", async () => {
    const { stdout } = await marquee(nowhere, "--help");
    for (const [name = ""] of commands) expect(stdout).toMatch(new RegExp(`\n {2}${name} `));
  });
});

describe("what goes wrong", () => {
  it.each([
    [["bogus"], "unknown command 'bogus'; `marquee --help` tells more"],
    [[], "name a command; `marquee --help` tells more"],
    [["import"], "name a command; `marquee import --help` tells more"],
    [["greet"], "missing required argument 'name'; `marquee greet --help` tells more"],
    [["greet", "a", "--nope"], "unknown option '--nope'; `marquee greet --help` tells more"],
    [
      ["log-view", "a", "--watch", "-1"],
      "option '--watch <seconds>' argument '-1' is invalid. It must",
    ],
    [
      ["log-view", "a", "--watch", "1e9"],
      "It must be a plain number of seconds from 0, such as 95.5",
    ],
    [["log-view", "a", "--watch", "9".repeat(40)], "It must be a plain number of seconds"],
    [["log-view", "a", "--time", "9".repeat(40)], "It must be a time such as"],
    [["recommend", "--boost", "romance=2"], "It must be such as category:romance=2"],
    [["recommend", "--diversity", "1.1"], "It must be a number from 0 to 1, such as 0.3"],
    [["stats", "a", "--url", "localhost:1"], '--url: "localhost:1" is no URL that begins with'],
    [["greet", "a"], `nothing answers at ${nowhere}: start it with \`npm start\`, or name another`],
    [["import", "catalog", "/no/such.csv"], "there is no file /no/such.csv"],
  ])("in marquee %j is one line that says what to do", async (args, message) => {
    const { code, stdout, stderr } = await marquee(nowhere, ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^marquee: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });

  it("is refused by the server naming the flags or the argument, not the fields of the API", async () => {
    const { url } = await startServer();
    const refusal = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await marquee(url, ...args);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await refusal("log-view", "", "--country", "Netherlands", "--watch", "9999999")).toBe(
      "marquee: <video>: Required: it must not be empty.; --watch: From 0 to 7 days.; --country: Must be an ISO 3166-1 alpha-2 code, such as NL.\n",
    );
    expect(await refusal("recommend", "a", "--max", "1001")).toBe(
      "marquee: --max: From 1 to 1000, not 1001.\n",
    );
    expect(await refusal("recommend", "a", "--exclude", "x".repeat(257))).toBe(
      "marquee: --exclude: At most 256 characters, not 257.\n",
    );
    expect(await refusal("top", "--since", "2026-01-02", "--until", "2026-01-01")).toBe(
      "marquee: --until: Must not be before --since.\n",
    );
    expect(await refusal("similar", "the id: x")).toBe(
      'marquee: <id>: there is no item "the id: x"\n',
    );
  });

  it("is a server without TLS", async () => {
    const { url } = await startServer();
    const secure = url.replace("http:", "https:");
    const { code, stderr } = await marquee(secure, "greet", "a");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `marquee: what answers at ${secure} speaks no TLS: try http:// instead of https://\n`,
    });
  });

  it("is a server that is something else", async () => {
    const server = createServer((_request, response) => response.end("hello")).listen(0);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;
    const { code, stderr } = await marquee(url, "greet", "a");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^marquee: what answers at .+ speaks no HTTP\/2: [^\n]+\n$/);
  });

  it("is not that the reader of the output has gone", async () => {
    const { child, ended } = start(nowhere, ["--help"]);
    child.stdout.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
