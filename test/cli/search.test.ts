import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { marquee } from "./marquee.ts";

async function startLibrary() {
  const server = await startServer();
  await server.client.catalog.upsertItems({
    items: [
      { id: "1", title: "Emma", creators: ["Jane Austen"], categories: ["romance"] },
      { id: "2", title: "About Emma", creators: ["A", "B"] },
    ],
  });
  return server;
}

describe("marquee search", () => {
  it("lists what it finds, best first", async () => {
    const { url } = await startLibrary();
    const { code, stdout, stderr } = await marquee(url, "search", "emma");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["#", "ID", "TITLE", "CREATORS"],
      ["1", "1", "Emma", "Jane Austen"],
      ["2", "2", "About Emma", "A, B"],
      [""],
    ]);
  });

  it("takes several words, a category and a maximum", async () => {
    const { url } = await startLibrary();
    const ids = async (...args: string[]): Promise<string[]> => {
      const { stdout } = await marquee(url, "search", "--json", ...args);
      const { items } = JSON.parse(stdout) as { items: { id: string }[] };
      return items.map(({ id }) => id);
    };
    expect(await ids("jane", "au")).toEqual(["1"]);
    expect(await ids("jane au")).toEqual(["1"]);
    expect(await ids("emma", "--category", "romance")).toEqual(["1"]);
    expect(await ids("emma", "--max", "1")).toHaveLength(1);
    expect(await ids("--", "-emma")).toHaveLength(2);
  });

  it("says that nothing was found, and what is wrong", async () => {
    const { url } = await startLibrary();
    expect(await marquee(url, "search", "ulysses")).toMatchObject({
      code: 0,
      stdout: "Nothing was found.\n",
    });
    expect(await marquee(url, "search", "emma", "--max", "101")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "marquee: --max: From 1 to 100, not 101.\n",
    });
  });
});
