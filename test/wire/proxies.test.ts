import { expect, it } from "vitest";
import { postJson, startWire } from "./support/server.ts";

const forwarded = { "x-forwarded-for": "203.0.113.7, 198.51.100.9" };

it.each([
  ["nobody, by default", [], /^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/],
  ["a proxy that is trusted", ["loopback"], /^198\.51\.100\.9$/],
  ["a chain of proxies that are trusted", ["loopback", "198.51.100.0/24"], /^203\.0\.113\.7$/],
])("should believe who is calling from %s", async (_who, trustedProxies, expected) => {
  const { url, callLine } = await startWire({}, { trustedProxies });
  await postJson(url, "Say", {}, forwarded);
  expect((await callLine())["peer"]).toMatch(expected);
});
