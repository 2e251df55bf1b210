import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeDirectory } from "../../src/storage/directory.ts";
import { temporaryDirectory } from "../support/directory.ts";

describe("makeDirectory", () => {
  it("should make a directory and those above it, and leave alone what is there", async () => {
    const path = join(await temporaryDirectory(), "a/b/c");
    makeDirectory(path);
    await writeFile(join(path, "file"), "");
    makeDirectory(path);
    makeDirectory("/");
    expect(existsSync(join(path, "file"))).toBe(true);
  });

  it("should take a link to a directory for one", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "real"));
    await symlink("real", join(directory, "link"));
    makeDirectory(join(directory, "link"));
    makeDirectory(join(directory, "link/a"));
    expect(existsSync(join(directory, "real/a"))).toBe(true);
  });

  it("should refuse a name that something else has, or that lies below it", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "file"), "");
    await symlink("nowhere", join(directory, "dangling"));
    expect(() => makeDirectory(join(directory, "file"))).toThrow("EEXIST");
    expect(() => makeDirectory(join(directory, "file/a"))).toThrow("ENOTDIR");
    expect(() => makeDirectory(join(directory, "dangling/a"))).toThrow("EEXIST");
  });

  it.runIf(existsSync("/proc/self"))("should return from where there are no directories", () => {
    expect(() => makeDirectory("/proc/marquee/data")).toThrow("ENOENT");
  });
});
