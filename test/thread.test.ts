import { describe, expect, it, onTestFinished } from "vitest";
import { Thread } from "../src/thread.ts";
import type { EchoApi } from "./support/echo-thread.ts";

const script = new URL("./support/echo-thread.ts", import.meta.url);

function start(
  parts: { onEvent?: (event: string) => void; onDeath?: (error: Error) => void } = {},
) {
  const thread = new Thread<EchoApi, string>(script, { name: "echo", data: "hello", ...parts });
  onTestFinished(() => thread.close());
  return thread;
}

describe("Thread", () => {
  it("should give the thread its data, and answer calls with what they return", async () => {
    const thread = start();
    expect(await thread.call("data")).toBe("hello");
    expect(await Promise.all([1, 2, 3].map((value) => thread.call("echo", value)))).toEqual([
      1, 2, 3,
    ]);
  });

  it("should reject a call with the error of its function, and go on", async () => {
    const thread = start();
    await expect(thread.call("fail", "no")).rejects.toThrow("no");
    expect(await thread.call("echo", 1)).toBe(1);
  });

  it("should move what is to be moved", async () => {
    const moved = await start().call("moved", 3);
    expect(moved).toEqual(Float64Array.from([0, 1, 2]));
  });

  it("should pass events on", async () => {
    const events: string[] = [];
    const thread = start({ onEvent: (event) => events.push(event) });
    await thread.call("emit", "news");
    expect(events).toEqual(["news"]);
  });

  it("should reject all calls when the thread ends, and tell of its death", async () => {
    const deaths: Error[] = [];
    const thread = start({ onDeath: (error) => deaths.push(error) });
    await expect(thread.call("die")).rejects.toThrow('the thread "echo" ended');
    await expect(thread.call("echo", 1)).rejects.toThrow('the thread "echo" ended');
    expect(deaths).toHaveLength(1);
  });

  it("should tell of no death when it is closed", async () => {
    const deaths: Error[] = [];
    const thread = start({ onDeath: (error) => deaths.push(error) });
    await thread.call("echo", 1);
    await thread.close();
    expect(deaths).toEqual([]);
    await expect(thread.call("echo", 1)).rejects.toThrow('the thread "echo" ended');
  });
});
