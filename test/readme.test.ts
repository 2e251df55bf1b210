import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { settings } from "../src/config.ts";
import { defaultLimits } from "../src/wire/limits.ts";
import { AdminService } from "../gen/admin/v1/admin_service_pb.js";
import { AnalyticsService } from "../gen/analytics/v1/analytics_service_pb.js";
import { CatalogService } from "../gen/catalog/v1/catalog_service_pb.js";
import { ProfileService } from "../gen/profiles/v1/profile_service_pb.js";
import { Recommendations } from "../gen/recommendations/v1/recommendations_service_pb.js";
import { SampleService } from "../gen/sample/v1/sample_service_pb.js";

// The formatter aligns the columns of tables.
const readme = (await readFile(new URL("../README.md", import.meta.url), "utf8")).replaceAll(
  / {2,}/g,
  " ",
);

it("should list every setting in the README, with its default and meaning", () => {
  for (const [name, { default: fallback, meaning }] of Object.entries(settings)) {
    expect(readme).toContain(`| \`${name}\` | \`${fallback}\` | ${meaning} |`);
  }
});

it("should list every method in the README", () => {
  for (const service of [
    AdminService,
    AnalyticsService,
    CatalogService,
    ProfileService,
    Recommendations,
    SampleService,
  ]) {
    const methods = service.methods.map(({ name }) => name).join(", ");
    expect(readme).toContain(`| \`${service.typeName}\` | ${methods} |`);
  }
});

it("should list every limit of connections in the README, with its default", () => {
  for (const [name, fallback] of Object.entries(defaultLimits)) {
    expect(readme).toContain(`| \`${name}\` | \`${fallback}\` |`);
  }
});
