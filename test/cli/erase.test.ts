import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { marquee } from "./marquee.ts";

describe("erase", () => {
  it("should erase a viewer, and tell what there was", async () => {
    const { url, client } = await startServer();
    await client.analytics.logView({ videoName: "film", viewerId: "ann" });
    expect(await marquee(url, "erase", "ann", "--yes")).toMatchObject({
      code: 0,
      stdout: "views erased     1\nfeedback erased  0\n",
      stderr: "",
    });
    expect(await client.analytics.getViewStats({ videoName: "film" })).toMatchObject({ views: 0n });
    const again = await marquee(url, "erase", "ann", "--yes", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ viewsErased: "0", feedbackErased: "0" });
  });

  it("should erase nobody where there is nobody to ask", async () => {
    const { url, client } = await startServer();
    await client.analytics.logView({ videoName: "film", viewerId: "ann" });
    expect(await marquee(url, "erase", "ann")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "marquee: there is no terminal to ask at: --yes erases without asking\n",
    });
    const { position: minPosition } = await client.analytics.logView({ videoName: "clip" });
    expect(await client.analytics.getViewStats({ videoName: "film", minPosition })).toMatchObject({
      views: 1n,
    });
  });

  it("should call what is wrong by what the user called it", async () => {
    const { url } = await startServer();
    const { code, stderr } = await marquee(url, "erase", "x".repeat(300), "--yes");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^marquee: <viewer>: At most 256 characters, not 300\.\n$/);
  });
});
