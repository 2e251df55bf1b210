import { describe, expect, it } from "vitest";
import { run, type Ran } from "../support/run.ts";
import { startServer } from "../support/server.ts";
import { askOnce, filesOf, symbol } from "../wire/support/reflect.ts";
import { transportFor } from "../wire/support/server.ts";

/** Without a schema: what it knows, it was told by the server. */
function bufCurl(...args: readonly string[]): Promise<Ran> {
  return run("node_modules/.bin/buf", "curl", "--http2-prior-knowledge", ...args);
}

function call(protocol: string, url: string, request: unknown): Promise<Ran> {
  return bufCurl("--protocol", protocol, "-d", JSON.stringify(request), url);
}

describe.each(["grpc", "grpcweb", "connect"])("buf curl by reflection over %s", (protocol) => {
  it("should log a view and read it back", async () => {
    const { url } = await startServer();
    const service = `${url}/analytics.v1.AnalyticsService`;
    const logged = await call(protocol, `${service}/LogView`, {
      video_name: "sintel",
      view_id: "v-1",
    });
    expect(JSON.parse(logged.stdout)).toEqual({ success: true, viewId: "v-1", position: "1" });
    const stats = await call(protocol, `${service}/GetViewStats`, {
      video_name: "sintel",
      min_position: "1",
    });
    expect(JSON.parse(stats.stdout)).toMatchObject({ views: "1" });
  });

  it("should call a service that has no package", async () => {
    const { url } = await startServer();
    const greeted = await call(protocol, `${url}/Greeter/Greet`, { name: "Ann" });
    expect(JSON.parse(greeted.stdout)).toEqual({ greeting: "Hello Ann" });
  });

  it("should find the server and its services healthy", async () => {
    const { url } = await startServer();
    for (const service of ["", "Greeter", "catalog.v1.CatalogService"]) {
      const checked = await call(protocol, `${url}/grpc.health.v1.Health/Check`, { service });
      expect(JSON.parse(checked.stdout)).toEqual({ status: "SERVING" });
    }
  });
});

it("should list the services that are served, those that operate it included", async () => {
  const { url } = await startServer();
  const { stdout } = await bufCurl("--list-services", url);
  const services = stdout.trim().split("\n");
  expect(services).toEqual(services.toSorted());
  expect(services).toEqual(
    expect.arrayContaining([
      "AnalyticsService",
      "Greeter",
      "analytics.v1.AnalyticsService",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]),
  );
});

it("should tell the comments of the contract", async () => {
  const { url } = await startServer();
  const transport = transportFor("grpc", url);
  for (const name of ["Greeter", "analytics.v1.AnalyticsService", "catalog.v1.CatalogService"]) {
    const [file] = filesOf(await askOnce(transport, symbol(name)));
    // Of the first service in the file.
    const location = file?.sourceCodeInfo?.location.find(({ path }) => path.join(".") === "6.0");
    expect(location?.leadingComments).toMatch(/\w/);
  }
});
