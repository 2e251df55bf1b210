import { describe, expect, it } from "vitest";
import { readConfig, settings, unknownVariables } from "../src/config.ts";

describe("readConfig", () => {
  it("should have a default for every setting", () => {
    expect(readConfig({})).toEqual({
      ports: [8080],
      host: "localhost",
      tlsCert: "",
      tlsKey: "",
      tlsClientCa: "",
      dataDir: "./data",
      logLevel: "info",
      maxMessageBytes: 4_194_304,
      deadlineMs: 30_000,
      maxLagMs: 500,
      drainMs: 10_000,
      maxConnections: 10_000,
      maxStreams: 1_000,
      maxHeaderBytes: 16_384,
      idleMs: 300_000,
      maxConnectionAgeMs: 0,
      allowUnknownFields: false,
      corsOrigins: ["localhost"],
      trustedProxies: [],
      countryHeader: "",
      deviceHeader: "",
      countBotsApart: false,
      retentionDays: 0,
      columnsMemoryMb: 1024,
      trainIntervalMs: 30_000,
      recommendationsUrl: "",
    });
  });

  it("should be frozen", () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  it("should take an empty variable for none", () => {
    expect(readConfig({ MARQUEE_PORT: "" }).ports).toEqual([8080]);
  });

  it("should read several ports", () => {
    expect(readConfig({ MARQUEE_PORT: "8080, 50051" }).ports).toEqual([8080, 50051]);
  });

  it.each([
    ["MARQUEE_PORT", "http"],
    ["MARQUEE_PORT", "65536"],
    ["MARQUEE_PORT", "8080,"],
    ["MARQUEE_PORT", "8080,8080"],
    ["MARQUEE_PORT", "tcp://10.0.0.1:8080"],
    ["MARQUEE_LOG_LEVEL", "loud"],
    ["MARQUEE_MAX_MESSAGE_BYTES", "4MB"],
    ["MARQUEE_MAX_MESSAGE_BYTES", "10"],
    ["MARQUEE_DEADLINE_MS", "0"],
    ["MARQUEE_DEADLINE_MS", "-1"],
    ["MARQUEE_DRAIN_MS", "1e3"],
    ["MARQUEE_ALLOW_UNKNOWN_FIELDS", "yes"],
    ["MARQUEE_CORS_ORIGINS", "example.org"],
    ["MARQUEE_CORS_ORIGINS", "https://example.org/"],
    ["MARQUEE_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["MARQUEE_TRUSTED_PROXIES", "proxy.example.org"],
    ["MARQUEE_COUNTRY_HEADER", "cf ipcountry"],
  ])("should refuse %s=%s and name both", (name, value) => {
    const read = (): unknown => readConfig({ [name]: value });
    expect(read).toThrow(new RegExp(`^${name} must .*`));
    expect(read).toThrow(`, not ${JSON.stringify(value)}`);
  });

  it("should read lists, and none", () => {
    const config = readConfig({
      MARQUEE_CORS_ORIGINS: "https://example.org, http://localhost:3000",
      MARQUEE_TRUSTED_PROXIES: "loopback,10.0.0.0/8,fd00::/8",
      MARQUEE_COUNTRY_HEADER: "CF-IPCountry",
    });
    expect(config.corsOrigins).toEqual(["https://example.org", "http://localhost:3000"]);
    expect(config.trustedProxies).toEqual(["loopback", "10.0.0.0/8", "fd00::/8"]);
    expect(config.countryHeader).toBe("cf-ipcountry");
    expect(readConfig({ MARQUEE_CORS_ORIGINS: "none" }).corsOrigins).toEqual([]);
  });

  it.each([
    [
      { MARQUEE_TLS_CERT: "a.pem" },
      "MARQUEE_TLS_CERT and MARQUEE_TLS_KEY must be set both or neither",
    ],
    [
      { MARQUEE_TLS_KEY: "a.pem" },
      "MARQUEE_TLS_CERT and MARQUEE_TLS_KEY must be set both or neither",
    ],
    [
      { MARQUEE_TLS_CLIENT_CA: "a.pem" },
      "MARQUEE_TLS_CLIENT_CA must not be set without MARQUEE_TLS_CERT",
    ],
  ])("should refuse half of the settings of TLS: %j", (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
  });

  it("should report every wrong setting at once", () => {
    const wrong = { MARQUEE_PORT: "x", MARQUEE_LOG_LEVEL: "y", MARQUEE_DEADLINE_MS: "z" };
    expect(() => readConfig(wrong)).toThrow(
      /^MARQUEE_PORT .*\nMARQUEE_LOG_LEVEL .*\nMARQUEE_DEADLINE_MS .*$/,
    );
  });

  it("should find the variables that look like settings and are none", () => {
    const known = Object.fromEntries(Object.keys(settings).map((name) => [name, "1"]));
    expect(
      unknownVariables({ ...known, MARQUEE_URL: "1", PATH: "1", MARQUEE_PROT: "8080" }),
    ).toEqual(["MARQUEE_PROT"]);
  });
});
