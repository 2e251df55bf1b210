import { join } from "node:path";
import { expect, it } from "vitest";
import { openLogReader } from "../../src/log/reader.ts";
import { startServer } from "../support/server.ts";

const settings = { MARQUEE_COUNTRY_HEADER: "CF-IPCountry", MARQUEE_DEVICE_HEADER: "x-device" };

it.each([
  ["the headers say", settings, { "cf-ipcountry": "nl", "x-device": "tv" }, {}, ["NL", "tv"]],
  [
    "the view itself says",
    settings,
    { "cf-ipcountry": "NL", "x-device": "tv" },
    { country: "be", device: "phone" },
    ["BE", "phone"],
  ],
  ["nobody knows", settings, { "cf-ipcountry": "XX" }, {}, ["", ""]],
  ["is no country", settings, { "cf-ipcountry": "T1" }, {}, ["", ""]],
  ["fits", settings, { "x-device": "x".repeat(70) }, {}, ["", "x".repeat(64)]],
  ["no setting names", {}, { "cf-ipcountry": "NL", "x-device": "tv" }, {}, ["", ""]],
])("should keep with a view what %s", async (_what, environment, headers, parts, expected) => {
  const { client, dataDir } = await startServer(environment);
  await client.analytics.logView({ videoName: "sintel", ...parts }, { headers });
  const reader = openLogReader({ file: join(dataDir, "log.db") });
  const [entry] = await reader.read(0, 1);
  await reader.close();
  expect([entry?.country, entry?.device]).toEqual(expected);
});
