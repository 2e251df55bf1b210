import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startServer } from "./support/server.ts";

const execute = promisify(execFile);
const root = new URL("..", import.meta.url);

interface Block {
  readonly language: string;
  readonly code: string;
}

/** The code blocks of a section, in their order. */
async function blocksOf(section: string): Promise<Block[]> {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const text = readme.split(`## ${section}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...text.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, code]) => ({
    language: language as string,
    code: code as string,
  }));
}

/** What a block prints when it is run against a server. */
async function runBlock({ language, code }: Block, url: string): Promise<string> {
  const local = code.replaceAll("http://localhost:8080", url);
  const options = { cwd: root, env: { ...process.env, MARQUEE_URL: url } };
  const { stdout } =
    language === "sh"
      ? await execute("bash", ["-euo", "pipefail", "-c", local], options)
      : await execute(process.execPath, ["--input-type=module-typescript", "-e", local], options);
  return stdout;
}

it("should do what the README says that it does, line by line", async () => {
  const { url } = await startServer();
  const blocks = await blocksOf("Five minutes");
  const steps = blocks.filter(({ language }) => language === "sh" || language === "ts");
  expect(steps).toHaveLength(9);
  for (const step of steps) {
    const answer = blocks[blocks.indexOf(step) + 1] as Block;
    const printed = await runBlock(step, url);
    const read = answer.language === "json" ? JSON.parse : (text: string) => text;
    // What is shown of a JSON answer need not be all of it.
    expect({ printed: read(printed) }, step.code).toMatchObject({ printed: read(answer.code) });
  }
});
