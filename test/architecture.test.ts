import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const source = join(root, "src");

/** The domains; each knows no other, but for what is named here with its reason. */
const domains: Readonly<Record<string, readonly string[]>> = {
  analytics: [],
  // Answers name items by the titles of the catalog, and recommend none that is not in it.
  recommendations: ["catalog"],
  profiles: [],
  catalog: [],
};

/** One file that names another. */
interface Import {
  readonly from: string;
  readonly to: string;
}

/**
 * All that files of src/ say of other files, as paths from the root: imports of
 * code and types, imports at run time, and the scripts of threads.
 */
async function allImports(): Promise<Import[]> {
  const files = await filesOfSource();
  return files.flatMap(([from, text]) => {
    const named = text.matchAll(/"(\.[^"\s]*\/[^"\s]+\.(?:[jt]sx?|json|binpb|css))"/g);
    return [...named].map(([, path]) => ({ from, to: join(dirname(from), path as string) }));
  });
}

/** Paths from the root, and texts. */
async function filesOfSource(): Promise<(readonly [file: string, text: string])[]> {
  const files = await readdir(source, { recursive: true });
  const code = files.filter((file) => /\.[jt]sx?$/.test(file)).map((file) => join("src", file));
  return Promise.all(
    code.map(async (file) => [file, await readFile(join(root, file), "utf8")] as const),
  );
}

/** The room of a file: a folder of src/ or a file in it; undefined for what is outside. */
function roomOf(path: string): string | undefined {
  const [first, second] = path.split("/");
  return first === "src" ? second : undefined;
}

/** The rows of the table of rooms, from the top down; common files are in the last. */
async function tableOfRooms(): Promise<string[][]> {
  const text = await readFile(join(root, "ARCHITECTURE.md"), "utf8");
  const table = text.split("## The rooms\n")[1]?.split("\n## ")[0] ?? "";
  const cells = [...table.matchAll(/^\| (`.+?) +\|/gm)].map(([, cell]) => cell as string);
  return cells.map((cell) =>
    [...cell.matchAll(/`([^`]+?)\/?`/g)].map(([, room]) => room as string),
  );
}

const imports = await allImports();
const rows = await tableOfRooms();
const rooms = rows.flat();
const between = imports.filter(({ from, to }) => roomOf(from) !== roomOf(to));
const inWords = ({ from, to }: Import): string => `${from} imports ${to}`;

describe("The rooms of ARCHITECTURE.md", () => {
  it("should be all files and folders of src/", async () => {
    expect(rooms.toSorted()).toEqual((await readdir(source)).toSorted());
  });

  it("should import from rooms further down only", () => {
    // Guards against a pattern that finds nothing.
    expect(between.length).toBeGreaterThan(100);
    const upward = between.filter(({ from, to }) => {
      const target = roomOf(to);
      if (target === undefined) return false;
      return rooms.indexOf(target) <= rooms.indexOf(roomOf(from) as string);
    });
    expect(upward.map(inWords)).toEqual([]);
  });

  it("should have domains that do not know each other", () => {
    const known = between.filter(({ from, to }) => {
      const [own = "", other = ""] = [roomOf(from), roomOf(to)];
      return own in domains && other in domains && domains[own]?.includes(other) !== true;
    });
    expect(known.map(inWords)).toEqual([]);
  });

  it("should have domains that know neither Connect nor Fastify, but for their handlers", async () => {
    const own = (await filesOfSource()).filter(
      ([file]) => (roomOf(file) ?? "") in domains && !/\bservice\.ts$/.test(file),
    );
    const bound = own.filter(([, text]) => /"(?:@connectrpc\/|fastify\b)/.test(text));
    expect(bound.map(([file]) => file)).toEqual([]);
  });

  it("should leave the wire able to stand alone", () => {
    const foreign = between.filter(
      ({ from, to }) => roomOf(from) === "wire" && !to.startsWith("gen/"),
    );
    expect(foreign.map(inWords)).toEqual([]);
  });

  it("should reach outside of src/ for generated code and the version only", () => {
    const outside = imports.filter(({ to }) => roomOf(to) === undefined && !to.startsWith("gen/"));
    expect(outside.map(inWords).toSorted()).toEqual([
      "src/app.ts imports package.json",
      "src/cli/program.ts imports package.json",
    ]);
  });
});
