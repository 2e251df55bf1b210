import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { lockDirectory } from "../../src/storage/lock.ts";
import { temporaryDirectory } from "../support/directory.ts";

const lockModule = new URL("../../src/storage/lock.ts", import.meta.url).href;

describe("lockDirectory", () => {
  it("should refuse a directory that is in use, and say by which process", async () => {
    const directory = await temporaryDirectory();
    const unlock = lockDirectory(directory);
    expect(() => lockDirectory(directory)).toThrow(
      `the data directory ${directory} is in use by process ${process.pid}`,
    );
    unlock();
    lockDirectory(directory)();
  });

  it("should let go of the directory of a process that was killed", async () => {
    const directory = await temporaryDirectory();
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `import { lockDirectory } from ${JSON.stringify(lockModule)};
       lockDirectory(${JSON.stringify(directory)});
       console.log("locked");
       setInterval(() => {}, 1000);`,
    ]);
    await once(child.stdout, "data");
    expect(() => lockDirectory(directory)).toThrow(`in use by process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    lockDirectory(directory)();
  });
});
