import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
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

const typescript = ["--input-type=module-typescript", "-e"];

/** What a block prints when it is run against a server. */
async function runBlock({ language, code }: Block, url: string): Promise<string> {
  const local = code.replaceAll(/http:\/\/localhost:80[89]0/g, url);
  const options = { cwd: root, env: { ...process.env, MARQUEE_URL: url } };
  const { stdout } =
    language === "sh"
      ? await execute("bash", ["-euo", "pipefail", "-c", local], options)
      : await execute(process.execPath, [...typescript, local], options);
  return stdout;
}

/** Runs the steps one after the other; each has to print what the block after it says. */
async function expectAnswers(
  blocks: readonly Block[],
  steps: readonly Block[],
  url: string,
): Promise<void> {
  for (const step of steps) {
    const answer = blocks[blocks.indexOf(step) + 1] as Block;
    const printed = await runBlock(step, url);
    const read = answer.language === "json" ? JSON.parse : (text: string) => text;
    // What is shown of a JSON answer need not be all of it.
    expect({ printed: read(printed) }, step.code).toMatchObject({ printed: read(answer.code) });
  }
}

it("should do what the README says that it does, line by line", async () => {
  const { url } = await startServer();
  const blocks = await blocksOf("Five minutes");
  const steps = blocks.filter(({ language }) => language === "sh" || language === "ts");
  expect(steps).toHaveLength(9);
  await expectAnswers(blocks, steps, url);
});

it("should answer about views as the README says", async () => {
  const { url } = await startServer();
  const blocks = await blocksOf("Analytics");
  const steps = blocks.filter(({ language }) => language === "sh" || language === "ts");
  expect(steps).toHaveLength(5);
  await expectAnswers(blocks, steps, url);
});

it("should recommend as the README says", async () => {
  const { url } = await startServer();
  const blocks = await blocksOf("Recommendations");
  const steps = blocks.filter(({ language }) => language === "sh" || language === "ts");
  expect(steps).toHaveLength(2);
  await expectAnswers(blocks, steps, url);
});

it("should serve with the wire by itself as the README says, and stop when it is told to", async () => {
  const blocks = await blocksOf("The wire, by itself");
  const program = blocks.find(({ language }) => language === "ts")?.code ?? "";
  const steps = blocks.filter(({ language }) => language === "sh");
  expect(steps).toHaveLength(3);
  const anyPort = program.replace("[8090]", "[0]");
  expect(anyPort).not.toBe(program);
  const server = spawn(process.execPath, [...typescript, anyPort], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void server.kill("SIGKILL"));
  const exited = once(server, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    void exited.then(([code]) => reject(new Error(`it ended with ${code}`)));
    createInterface({ input: server.stdout }).on("line", (line) => {
      const [, found] = /^serving on (http:\S+)$/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });

  await expectAnswers(blocks, steps, url);

  server.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
});
