import { createFileRegistry, fromBinary, type JsonObject } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { ValidateFunction } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { startServer } from "../support/server.ts";
import { validatorsOf } from "../wire/openapi/support/validators.ts";

interface Reference {
  readonly $ref: string;
}

interface Media {
  readonly content: { readonly "application/json": { readonly schema: Reference } };
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly requestBody?: Media;
  readonly responses: { readonly 200: Media; readonly default: Reference };
}

interface OpenApi {
  readonly info: JsonObject;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, { readonly get?: Operation; readonly post: Operation }>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>;
    readonly responses: { readonly Error: Media };
  };
}

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** What the document says of it that is not so. */
  readonly errors: ValidateFunction["errors"];
}

/** A server, its document, and calls that are held against it. */
async function startDescribed() {
  const { url } = await startServer();
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  const validatorOf = validatorsOf(document);

  async function answerOf(response: Response, { responses }: Operation): Promise<Answer> {
    const { schema } = (response.ok ? responses[200] : document.components.responses.Error).content[
      "application/json"
    ];
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-request-id")).toMatch(/./);
    const body = (await response.json()) as JsonObject;
    const validate = validatorOf(schema.$ref);
    validate(body);
    return { status: response.status, body, errors: validate.errors };
  }

  return {
    url,
    document,
    validatorOf,
    /** Calls by POST, with a request that the document allows unless told otherwise. */
    async post(path: string, request: JsonObject, isAllowed = true): Promise<Answer> {
      const { post } = document.paths[path] as { post: Operation };
      const schema = post.requestBody?.content["application/json"].schema as Reference;
      const validate = validatorOf(schema.$ref);
      expect(validate(request), `${path}: ${JSON.stringify(validate.errors)}`).toBe(isAllowed);
      const response = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", "connect-protocol-version": "1" },
        body: JSON.stringify(request),
      });
      return await answerOf(response, post);
    },
    async get(path: string, request: JsonObject): Promise<Answer> {
      const { get } = document.paths[path] as { get: Operation };
      const query = { message: JSON.stringify(request), encoding: "json", connect: "v1" };
      return await answerOf(await fetch(`${url}${path}?${new URLSearchParams(query)}`), get);
    },
  };
}

test("should be valid OpenAPI 3.1 that has every method, with its comment", async () => {
  const { url, document, validatorOf } = await startDescribed();

  const validator = new Validator();
  expect(await validator.validate({ ...document })).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
  for (const name of Object.keys(document.components.schemas)) {
    expect(validatorOf(`#/components/schemas/${name}`)).toBeTypeOf("function");
  }
  expect(document.info).toMatchObject({
    title: "Marquee",
    version: manifest.version,
    license: { identifier: manifest.license },
  });

  const descriptors = await (await fetch(`${url}/descriptors.binpb`)).bytes();
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  const methods = [...registry].flatMap((found) => (found.kind === "service" ? found.methods : []));

  const operations = methods
    .filter(({ methodKind }) => methodKind === "unary")
    .map(({ name, parent }) => `/${parent.typeName}/${name}`);
  expect(Object.keys(document.paths).toSorted()).toEqual(operations.toSorted());
  // The image has the contracts of this project, not those of gRPC.
  const ours = Object.keys(document.paths).filter((path) => !path.startsWith("/grpc."));
  for (const path of ours) expect(document.paths[path]?.post.summary, path).toMatch(/./);
  for (const { name, parent } of methods.filter(({ methodKind }) => methodKind !== "unary")) {
    const tag = document.tags.find((known) => known.name === parent.typeName);
    expect(tag?.description).toContain(`- \`${name}\` (`);
  }
});

test("should describe what every method answers to an empty request, by POST and GET", async () => {
  const { document, post, get } = await startDescribed();
  const statuses = new Set<number>();

  for (const [path, operations] of Object.entries(document.paths)) {
    const answer = await post(path, {});
    expect(answer.errors, path).toBeNull();
    statuses.add(answer.status);
    if (operations.get === undefined) continue;
    const { status, errors } = await get(path, {});
    expect([status, errors], path).toEqual([answer.status, null]);
  }
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]));
});

test("should describe requests and answers that say something", async () => {
  const { post } = await startDescribed();
  const analytics = "/analytics.v1.AnalyticsService";
  const item = {
    id: "emma",
    title: "Emma",
    categories: ["romance"],
    creators: ["Jane Austen"],
    properties: { pages: "474" },
  };
  const view = {
    videoName: "emma",
    viewerId: "ann",
    watchDuration: "12.5s",
    progress: 0.5,
    properties: { plan: "free" },
  };
  const profile = { email: "ann@example.org", firstName: "Ann", lastName: "Lee" };
  const dimension = { kind: "DIMENSION_KIND_COUNTRY" };
  const question = {
    metrics: ["METRIC_VIEWS", "METRIC_UNIQUE_VIEWERS"],
    dimensions: [dimension],
    filters: [{ not: { in: { dimension, values: ["FR"] } } }],
    minPosition: 1,
  };
  const calls: [path: string, request: JsonObject, answer: object][] = [
    ["/catalog.v1.CatalogService/UpsertItems", { items: [item] }, { created: 1 }],
    ["/catalog.v1.CatalogService/GetItem", { id: "emma" }, { item: { title: "Emma" } }],
    ["/catalog.v1.CatalogService/ListCategories", {}, { categories: [{ itemCount: "1" }] }],
    [`${analytics}/LogView`, view, { position: expect.stringMatching(/^\d+$/) }],
    [`${analytics}/GetViewStats`, { videoName: "emma", minPosition: 1 }, { averageProgress: 0.5 }],
    [`${analytics}/ListTopVideos`, { minPosition: "1" }, { videos: [{ views: "1" }] }],
    [`${analytics}/QueryViews`, question, { rows: [{ metrics: { views: "1" } }] }],
    ["/profiles.v1.ProfileService/CreateProfile", profile, { profile }],
    ["/recommendations.v1.Recommendations/Recommend", { userId: "bob" }, { recommendations: [{}] }],
    ["/RouteGuide/GetFeature", { Latitude: 1, Longitude: 2 }, { location: { Latitude: 1 } }],
  ];

  for (const [path, request, answer] of calls) {
    const { status, body, errors } = await post(path, request);
    expect(body, path).toMatchObject(answer);
    expect([status, errors], path).toEqual([200, null]);
  }

  const profiles = "/profiles.v1.ProfileService";
  const { body } = await post(`${profiles}/ListProfiles`, {});
  const [known] = body["profiles"] as JsonObject[];
  const renamed = { profile: { ...known, firstName: "Anne" }, updateMask: "firstName,lastName" };
  const updated = await post(`${profiles}/UpdateProfile`, renamed);
  expect(updated).toMatchObject({ status: 200, errors: null });
  expect(updated.body).toMatchObject({ profile: { ...profile, firstName: "Anne" } });
});

test("should describe errors and their details", async () => {
  const { post, validatorOf } = await startDescribed();
  const path = "/analytics.v1.AnalyticsService/LogView";

  const unknown = await post(path, { video: "emma" }, false);
  const missing = await post(path, { videoName: "" });

  for (const { status, body, errors } of [unknown, missing]) {
    expect([status, errors]).toEqual([400, null]);
    expect(body).toMatchObject({
      code: "invalid_argument",
      details: [
        { type: "google.rpc.ErrorInfo", debug: { reason: "INVALID_FIELD" } },
        { type: "google.rpc.BadRequest", debug: { fieldViolations: [{}] } },
      ],
    });
    const [info, badRequest] = body["details"] as JsonObject[];
    expect(validatorOf("#/components/schemas/connect.ErrorDetail.ErrorInfo")(info)).toBe(true);
    const validate = validatorOf("#/components/schemas/connect.ErrorDetail.BadRequest");
    expect([validate(badRequest), validate(info)]).toEqual([true, false]);
  }
});
