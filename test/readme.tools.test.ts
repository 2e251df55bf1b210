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

it("should do what the README says that it does, line by line", async () => {
  const { url } = await startServer();
  const blocks = await blocksOf("Five minutes");
  let compared = 0;
  for (const [index, { language, code }] of blocks.entries()) {
    const expected = blocks[index + 1];
    const local = code.replaceAll("http://localhost:8080", url);
    if (language !== "sh" && language !== "ts") continue;
    const { stdout } =
      language === "sh"
        ? await execute("bash", ["-euo", "pipefail", "-c", local], {
            cwd: root,
            env: { ...process.env, MARQUEE_URL: url },
          })
        : await execute(process.execPath, ["--input-type=module-typescript", "-e", local], {
            cwd: root,
          });
    if (expected?.language === "json") {
      expect(JSON.parse(stdout), code).toMatchObject(JSON.parse(expected.code));
    } else {
      expect(stdout, code).toBe(expected?.code);
    }
    compared++;
  }
  expect(compared).toBe(9);
});
