import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setDefaultCACertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { afterAll, expect, it } from "vitest";
import type { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.js";
import { createServiceClients, services, type ServiceClients } from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";
import { badFrames, sendFrame, type FrameProtocol } from "./support/frames.ts";

/** What a protocol makes of a typed request. GET is used where a method allows it. */
const transports: Readonly<Record<string, (baseUrl: string) => Transport>> = {
  "Connect JSON": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "Connect proto": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "GET JSON": (baseUrl) =>
    createConnectTransport({
      baseUrl,
      httpVersion: "1.1",
      useBinaryFormat: false,
      useHttpGet: true,
    }),
  "GET proto": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useHttpGet: true }),
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC over TLS": (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
};

/** Where the certificates of the wire's own tests are. */
const pki = fileURLToPath(new URL("../wire/support/pki/", import.meta.url));

// Every client of this file trusts the authority that signed them.
setDefaultCACertificates([readFileSync(join(pki, "authority.pem"), "utf8")]);

/** The settings of a server that is called so. */
function settingsFor(protocol: string): Record<string, string> {
  if (!protocol.endsWith("TLS")) return {};
  return {
    MARQUEE_TLS_CERT: join(pki, "server.pem"),
    MARQUEE_TLS_KEY: join(pki, "server.key.pem"),
  };
}

const long = "x".repeat(300);
const person = { firstName: "Ann", lastName: "Lee", email: "ann@example.org" };

/** Requests that are well-formed and wrong: what is called, the code, and the field at fault. */
const mistakes: readonly [
  what: string,
  call: (clients: ServiceClients) => Promise<unknown>,
  code: Code,
  field: string,
][] = [
  ["empty", ({ analytics }) => analytics.logView({}), Code.InvalidArgument, "video_name"],
  [
    "too long",
    ({ analytics }) => analytics.logView({ videoName: long }),
    Code.InvalidArgument,
    "video_name",
  ],
  [
    "too long, of a read",
    ({ analytics }) => analytics.getViewStats({ videoName: long }),
    Code.InvalidArgument,
    "video_name",
  ],
  [
    "in the future",
    ({ analytics }) =>
      analytics.logView({ videoName: "v", startTime: { seconds: 32_503_680_000n } }),
    Code.InvalidArgument,
    "start_time",
  ],
  [
    "negative duration",
    ({ analytics }) => analytics.logView({ videoName: "v", watchDuration: { seconds: -1n } }),
    Code.InvalidArgument,
    "watch_duration",
  ],
  [
    "negative max_results",
    ({ recommendations }) => recommendations.recommend({ maxResults: -1 }),
    Code.InvalidArgument,
    "max_results",
  ],
  [
    "huge max_results",
    ({ recommendations }) => recommendations.recommend({ maxResults: 2 ** 31 - 1 }),
    Code.InvalidArgument,
    "max_results",
  ],
  [
    "unknown category",
    ({ recommendations }) => recommendations.recommend({ category: "no-such" }),
    Code.NotFound,
    "category",
  ],
  [
    "unknown enum",
    ({ recommendations }) =>
      recommendations.recordFeedback({
        feedback: [{ userId: "u", itemId: "i", kind: 99 as FeedbackKind }],
      }),
    Code.InvalidArgument,
    "feedback[0].kind",
  ],
  [
    "not a number",
    ({ recommendations }) =>
      recommendations.recordFeedback({
        feedback: [{ userId: "u", itemId: "i", kind: 4, value: Number.NaN }],
      }),
    Code.InvalidArgument,
    "feedback[0].value",
  ],
  [
    "too many",
    ({ recommendations }) =>
      recommendations.recommend({ excludeIds: Array.from({ length: 1_001 }, () => "i") }),
    Code.InvalidArgument,
    "exclude_ids",
  ],
  [
    "a page token of nobody",
    ({ catalog }) => catalog.listItems({ pageToken: "nonsense" }),
    Code.InvalidArgument,
    "page_token",
  ],
  ["not there", ({ catalog }) => catalog.getItem({ id: "no-such" }), Code.NotFound, "id"],
  [
    "beyond the log",
    ({ analytics }) => analytics.getViewStats({ videoName: "v", minPosition: 1_000n }),
    Code.InvalidArgument,
    "min_position",
  ],
  [
    "the view id of another view",
    ({ analytics }) => analytics.logView({ videoName: "other", viewId: "taken" }),
    Code.AlreadyExists,
    "view_id",
  ],
  [
    "a taken email in another case",
    ({ profiles }) => profiles.createProfile({ ...person, email: "ANN@Example.org" }),
    Code.AlreadyExists,
    "email",
  ],
];

let alike = 0;
let sent = 0;
afterAll(() => {
  process.stdout.write(
    `bad input: ${sent} requests over ${Object.keys(transports).length} protocols, ` +
      `${alike} answered with the code and the field expected\n`,
  );
});

it.each(Object.entries(transports))(
  "should answer every mistake over %s with its code and the field at fault",
  async (protocol, transportTo) => {
    const { url, client } = await startServer(settingsFor(protocol));
    await client.analytics.logView({ videoName: "one", viewId: "taken" });
    await client.catalog.upsertItems({ items: [{ id: "a", title: "A", categories: ["c"] }] });
    await client.profiles.createProfile(person);
    const before = await client.analytics.logView({ videoName: "before" });
    const clients = createServiceClients(transportTo(url));
    for (const [what, call, code, field] of mistakes) {
      sent++;
      const error = ConnectError.from(await call(clients).catch((reason: unknown) => reason));
      const fields = error
        .findDetails(BadRequestSchema)
        .flatMap(({ fieldViolations }) => fieldViolations.map((violation) => violation.field));
      expect({ what, code: error.code, fields }).toEqual({ what, code, fields: [field] });
      expect(error.rawMessage, what).toContain(`${field}: `);
      alike++;
    }
    // Nothing of it was half done.
    const after = await client.analytics.logView({ videoName: "after" });
    expect(after.position).toBe(before.position + 1n);
  },
);

it.each([
  "Connect JSON",
  "Connect proto",
  "gRPC",
  "gRPC over TLS",
  "gRPC-Web",
] satisfies FrameProtocol[])(
  "should answer every malformed request over %s as the client's mistake",
  async (protocol) => {
    const { url } = await startServer({
      MARQUEE_MAX_MESSAGE_BYTES: "65536",
      ...settingsFor(protocol),
    });
    for (const { what, body, code, message } of badFrames(protocol)) {
      sent++;
      const answer = await sendFrame(url, "/analytics.v1.AnalyticsService/LogView", protocol, body);
      expect({ what, ...answer }).toEqual({
        what,
        code,
        message: expect.stringMatching(message),
      });
      alike++;
    }
    // The server is as well as before.
    const greeter = createClient(services.greeter, createGrpcTransport({ baseUrl: url }));
    expect(await greeter.greet({ name: "Ann" })).toMatchObject({ greeting: "Hello Ann" });
  },
);
